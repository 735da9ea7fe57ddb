//! The command line.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_baton-layer"))
        .env_clear()
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn version_and_help() {
    let (code, stdout, stderr) = run(&["--version"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        concat!("baton-layer ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let (code, stdout, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.starts_with("baton-layer: the Lambda extension that "),
        "{stdout}"
    );
    assert!(
        stdout.contains("  BATON_EXPORT [default: none]\n"),
        "{stdout}"
    );
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    let (code, stdout, stderr) = run(&["--port"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.starts_with("baton-layer: unknown argument `--port`: expected "),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);
}

#[test]
fn outside_lambda_it_says_so() {
    let (code, _, stderr) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("baton-layer: `AWS_LAMBDA_RUNTIME_API` is not set: "),
        "{stderr}"
    );
    assert!(stderr.contains("local-lambda run --opt DIR"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1);
}
