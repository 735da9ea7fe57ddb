//! What it prints, and how it ends.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use expect_test::{ExpectFile, expect, expect_file};

/// Runs it with `input` as its standard input.
fn inspect(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_baton-inspect"))
        .args(arguments)
        .env_remove("OTEL_PROPAGATORS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended before it read anything: then nobody wants this.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn event(name: &str) -> String {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    fixtures
        .join(format!("{name}.json"))
        .to_str()
        .unwrap()
        .to_owned()
}

#[track_caller]
fn succeeds(arguments: &[&str], input: &[u8], expected: &ExpectFile) {
    let output = inspect(arguments, input);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    expected.assert_eq(&String::from_utf8(output.stdout).unwrap());
}

#[track_caller]
fn fails(arguments: &[&str], input: &[u8], code: i32, expected: &expect_test::Expect) {
    let output = inspect(arguments, input);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(code));
    expected.assert_eq(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn a_batch_as_text_and_as_json() {
    let file = event("sqs-mixed-batch");
    succeeds(
        &[&file],
        b"",
        &expect_file!["../fixtures/inspect/batch.txt"],
    );
    succeeds(
        &["--format", "json", &file],
        b"",
        &expect_file!["../fixtures/inspect/batch.json"],
    );
}

#[test]
fn two_that_disagree() {
    let expected = expect_file!["../fixtures/inspect/disagree.txt"];
    succeeds(&[&event("sqs-disagree")], b"", &expected);
}

#[test]
fn a_link_and_why() {
    let expected = expect_file!["../fixtures/inspect/stream.txt"];
    succeeds(&[&event("kinesis-one")], b"", &expected);
}

#[test]
fn what_is_invalid_is_counted() {
    let expected = expect_file!["../fixtures/inspect/two-parents.txt"];
    succeeds(&[&event("api-gateway-two-parents")], b"", &expected);
}

#[test]
fn envelopes_without_a_context_are_named() {
    let expected = expect_file!["../fixtures/inspect/sns-s3.txt"];
    succeeds(&[&event("sqs-sns-s3")], b"", &expected);
}

#[test]
fn standard_input_and_what_lambda_delivers_beside_it() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let client = format!(r#"{{"custom":{{"traceparent":"{parent}"}}}}"#);
    let expected = expect_file!["../fixtures/inspect/client-context.txt"];
    succeeds(
        &["--client-context", &client],
        br#"{"action":"tidy"}"#,
        &expected,
    );

    let header = "Root=1-64d38018-6a56d23a731e0cbe6ed85687;Parent=1e4dbd311c45e826;Sampled=1";
    let expected = expect_file!["../fixtures/inspect/trace-header.txt"];
    succeeds(&["-", "--trace-header", header], b"{}", &expected);
}

#[test]
fn other_formats() {
    let request = br#"{"version":"2.0","rawQueryString":"","requestContext":{},
        "headers":{"b3":"80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}}"#;
    let expected = expect_file!["../fixtures/inspect/b3.txt"];
    succeeds(&["--propagators", "tracecontext,b3"], request, &expected);
}

#[test]
fn help_teaches() {
    succeeds(
        &["--help"],
        b"",
        &expect_file!["../fixtures/inspect/help.txt"],
    );
}

#[test]
fn an_event_cannot_command_the_terminal() {
    let event = br#"{"detail-type":"a\u001b[31mb","id":"\u0007","detail":{}}"#;
    let output = inspect(&[], event);
    assert!(!output.stdout.contains(&0x1b) && !output.stdout.contains(&0x07));
}

#[test]
fn no_json_is_said() {
    fails(
        &[],
        b"not { json",
        1,
        &expect![[r#"
            baton-inspect: standard input is no JSON, expected the event that Lambda hands to the function: expected ident at line 1 column 2
        "#]],
    );
    fails(
        &["no-such-file"],
        b"",
        1,
        &expect![[r#"
            baton-inspect: could not read `no-such-file`: No such file or directory (os error 2)
        "#]],
    );
}

#[test]
fn wrong_usage_is_2() {
    let output = inspect(&["--format", "xml"], b"{}");
    assert_eq!(output.status.code(), Some(2));
    let output = inspect(&["--propagators", "b4"], b"{}");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("unknown propagator `b4`"), "{text}");
}
