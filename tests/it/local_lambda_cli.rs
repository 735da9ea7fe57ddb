//! The `local-lambda` program: what it prints, how it ends, and what it says when something is wrong.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::binaries::binary;
use crate::harness::http;
use crate::harness::interpreters::python;
use crate::harness::recording::Recording;
use crate::harness::sqs_server::SqsServer;

async fn local_lambda(args: &[&str]) -> Output {
    Command::new(binary("local-lambda"))
        .args(args)
        .env_remove("AWS_ENDPOINT_URL_LAMBDA")
        .output()
        .await
        .unwrap()
}

/// Exit code and the text after `error: `.
async fn refused(args: &[&str]) -> (i32, String) {
    let output = local_lambda(args).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    (
        output.status.code().unwrap(),
        text.strip_prefix("error: ")
            .unwrap_or(&text)
            .trim_end()
            .to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn run_invoke_and_stop() {
    let recording = Recording::new();
    let functions = recording.dir().join("functions.toml");
    write_functions(&functions, &recording);
    let logs = recording.dir().join("logs");
    let events = recording.dir().join("events.jsonl");
    let mut run = Command::new(binary("local-lambda"))
        .args(["run", "--listen", "127.0.0.1:0", "--functions"])
        .arg(&functions)
        .arg("--logs")
        .arg(&logs)
        .arg("--events")
        .arg(&events)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (endpoint, url) = printed(&mut run).await;
    let page = http::get(&url).await.unwrap().text().await.unwrap();
    assert_eq!(page, "ok");

    let invoked = local_lambda(&[
        "invoke",
        "site",
        "{\"queryStringParameters\":{\"answer\":\"[7]\"}}",
        "--endpoint",
        &endpoint,
    ])
    .await;
    assert_eq!(invoked.status.code(), Some(0));
    assert_eq!(String::from_utf8(invoked.stdout).unwrap(), "[7]\n");
    let (code, said) = refused(&["invoke", "nowhere", "--endpoint", &endpoint]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("`nowhere` was not invoked: ResourceNotFoundException"),
        "{said}"
    );

    let pid = Pid::from_raw(run.id().unwrap().cast_signed());
    kill(pid, Signal::SIGTERM).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), run.wait())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.code(), Some(0));
    let events = std::fs::read_to_string(events).unwrap();
    assert_eq!(events.matches("\"platform.report\"").count(), 2, "{events}");
    assert_eq!(std::fs::read_dir(logs.join("site")).unwrap().count(), 1);
}

/// Reads what `run` prints at its start: the Invoke API and the URL of its function.
async fn printed(run: &mut Child) -> (String, String) {
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let endpoint = first.strip_prefix("Invoke API: ").unwrap().to_owned();
    let mut url = None;
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(printed) = line.trim().strip_prefix("url ") {
            url = Some(printed.trim().to_owned());
        }
        if line == "Ctrl-C stops." {
            break;
        }
    }
    (endpoint, url.unwrap())
}

fn write_functions(path: &Path, recording: &Recording) {
    let function = recording.function("site", "record.http");
    let text = format!(
        "[[function]]\nname = 'site'\ncommand = ['{}', '-m', 'awslambdaric', 'record.http']\ntask_root = '{}'\n\
         function_url = true\nenv = {{ RECORD = '{}', PYTHONDONTWRITEBYTECODE = '1' }}\n",
        python().display(),
        function.task_root.unwrap().display(),
        function.env["RECORD"]
    );
    std::fs::write(path, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_one_sentence_with_the_right_exit_code() {
    for usage in [
        &["rnu"][..],
        &["run"],
        &["run", "--name", "f", "--colour", "--", "true"],
        &["run", "--name", "f", "--memory", "64", "--", "true"],
    ] {
        assert_eq!(refused(usage).await.0, 2, "{usage:?}");
    }

    let (code, said) = refused(&["run", "--functions", "/nowhere/functions.toml"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("cannot read the functions file `/nowhere/functions.toml`, expected"),
        "{said}"
    );

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("functions.toml");
    std::fs::write(
        &file,
        "[[function]]\nname = 'f'\ncommand = ['true']\ntimout = '3s'\n",
    )
    .unwrap();
    let (code, said) = refused(&["run", "--functions", file.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(
        said.contains("unknown field `timout`, expected one of"),
        "{said}"
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, said) = refused(&["run", "--listen", &address, "--name", "f", "--", "true"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with(&format!(
            "cannot listen on `{address}` for the Invoke API, expected a free port"
        )),
        "{said}"
    );

    let (code, said) = refused(&[
        "run",
        "--listen",
        "127.0.0.1:0",
        "--name",
        "f",
        "--",
        "./nowhere/bootstrap",
    ])
    .await;
    assert_eq!(code, 1);
    assert!(
        said.contains("nowhere/bootstrap`, expected an existing program"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_does_not_exist_stops_the_start() {
    let server = SqsServer::start().await;
    let queue = format!("{}/000000000000/nowhere", server.endpoint());
    let (code, said) = refused(&[
        "run",
        "--listen",
        "127.0.0.1:0",
        "--name",
        "f",
        "--sqs",
        &queue,
        "--",
        "true",
    ])
    .await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with(&format!("queue `{queue}` does not exist")),
        "{said}"
    );
}
