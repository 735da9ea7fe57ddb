use clap::CommandFactory as _;
use expect_test::expect_file;

use super::*;

fn run(args: &[&str]) -> anyhow::Result<Config> {
    let all = ["local-lambda", "run"].iter().chain(args);
    match Cli::try_parse_from(all)?.command {
        Command::Run(run) => run.config(),
        Command::Invoke(_) => anyhow::bail!("not run"),
    }
}

#[test]
fn the_commands_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn one_function_with_everything() {
    let config = run(&[
        "--name",
        "f",
        "--handler",
        "app.handler",
        "--opt",
        "/opt/x",
        "--env",
        "A=b=c",
        "--env",
        "EMPTY=",
        "--memory",
        "256",
        "--timeout",
        "3s",
        "--concurrency",
        "2",
        "--url",
        "8080",
        "--sqs",
        "http://127.0.0.1:4566/0/a,batch=100,window=1s,report,concurrency=5",
        "--sqs",
        "http://127.0.0.1:4566/0/b",
        "--",
        "python3",
        "-m",
        "x",
    ]);
    expect_file!["one_function.txt"].assert_debug_eq(&config.unwrap());
}

#[test]
fn a_url_without_a_port_and_a_program_with_a_path() {
    let config = run(&["--name", "f", "--url", "--", "./f"]).unwrap();
    let function = &config.functions[0];
    assert!(function.function_url && function.function_url_port.is_none());
    assert!(
        function.command[0].starts_with('/'),
        "{}",
        function.command[0]
    );
}

#[test]
fn what_is_wrong_is_a_usage_error() {
    let cases: [&[&str]; 9] = [
        &[],
        &["--name", "f"],
        &["--functions", "a.toml", "--name", "f", "--", "x"],
        &["--functions", "a.toml", "--memory", "256"],
        &["--name", "f", "--env", "A", "--", "x"],
        &["--name", "f", "--timeout", "3", "--", "x"],
        &[
            "--name",
            "f",
            "--sqs",
            "http://127.0.0.1/0/q,size=3",
            "--",
            "x",
        ],
        &[
            "--name",
            "f",
            "--sqs",
            "http://127.0.0.1/0/q,batch=ten",
            "--",
            "x",
        ],
        &["--nmae", "f", "--", "x"],
    ];
    let mut said = String::new();
    for case in cases {
        let error = run(case).unwrap_err();
        let error = error.downcast_ref::<clap::Error>().unwrap();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        said.push_str(text.split("\n\nUsage").next().unwrap());
        said.push_str("\n---\n");
    }
    expect_file!["usage_errors.txt"].assert_eq(&said);
}
