use expect_test::{expect, expect_file};

use super::*;

fn read(text: &str) -> Result<Config, FunctionsFileError> {
    Config::from_toml(text, Path::new("/app/functions.toml"))
}

fn said(result: Result<Config, FunctionsFileError>) -> String {
    format!("{:#}", anyhow::Error::from(result.unwrap_err()))
}

#[test]
fn every_key() {
    let config = read(
        r#"
        listen = "127.0.0.1:9100"
        region = "eu-central-1"
        account_id = "000000000000"
        sqs_endpoint = "http://127.0.0.1:4566"
        log_dir = "logs"
        idle_timeout = "1m"

        [[function]]
        name = "orders"
        command = ["bin/orders", "--verbose"]
        handler = "app.handler"
        env = { RUST_LOG = "info" }
        task_root = "."
        opt = "opt"
        memory_mb = 256
        timeout = "3s"
        init_timeout = "500ms"
        concurrency = 2
        managed_instances = 4
        function_url_port = 8080
        response_stream = true

        [[function.sqs]]
        queue_url = "http://127.0.0.1:4566/000000000000/orders"
        batch_size = 100
        window = "1s"
        report_batch_item_failures = true
        maximum_concurrency = 5

        [[function.sqs]]
        queue_url = "http://127.0.0.1:4566/000000000000/placed"
        relay = "sns"
        "#,
    );
    expect_file!["every_key.txt"].assert_debug_eq(&config.unwrap());
}

#[test]
fn the_invoke_api_has_a_port_that_people_know() {
    let config = read("[[function]]\nname = 'f'\ncommand = ['f']").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3001");
}

#[test]
fn a_bare_program_is_left_to_the_path() {
    let config = read("[[function]]\nname = 'f'\ncommand = ['python3', 'a/b']").unwrap();
    assert_eq!(config.functions[0].command, ["python3", "a/b"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let function = "[[function]]\nname = 'f'\ncommand = ['./f']\n";
    let cases = [
        "[[function".to_owned(),
        "functions = 1".to_owned(),
        "[[function]]\nname = 'f'".to_owned(),
        format!("{function}timout = '3s'"),
        format!("{function}timeout = '3'"),
        format!("{function}timeout = 3"),
        format!("{function}memory_mb = 64"),
        format!("listen = 'localhost'\n{function}"),
    ];
    let said: Vec<String> = cases.iter().map(|text| said(read(text))).collect();
    expect![[r#"
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 1, column 11
          |
        1 | [[function
          |           ^
        unclosed array table, expected `]]`

        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 1, column 1
          |
        1 | functions = 1
          | ^^^^^^^^^
        unknown field `functions`, expected one of `listen`, `region`, `account_id`, `sqs_endpoint`, `log_dir`, `idle_timeout`, `function`

        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 1, column 1
          |
        1 | [[function]]
          | ^^^^^^^^^^^^
        missing field `command`

        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 4, column 1
          |
        4 | timout = '3s'
          | ^^^^^^
        unknown field `timout`, expected one of `name`, `command`, `handler`, `env`, `task_root`, `opt`, `memory_mb`, `timeout`, `init_timeout`, `concurrency`, `snap_start`, `managed_instances`, `function_url`, `function_url_port`, `response_stream`, `sqs`

        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 4, column 11
          |
        4 | timeout = '3'
          |           ^^^
        `3` is no duration: expected a number with a unit, such as `500ms`, `30s`, `5m` or `1h`

        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 4, column 11
          |
        4 | timeout = 3
          |           ^
        invalid type: integer `3`, expected a string

        ---
        cannot use the functions file `/app/functions.toml`: function `f` has `memory_mb` = `64`, expected 128 to 10240
        ---
        cannot use the functions file `/app/functions.toml`, expected TOML as `local-lambda run --help` shows it: TOML parse error at line 1, column 10
          |
        1 | listen = 'localhost'
          |          ^^^^^^^^^^^
        invalid socket address syntax
    "#]].assert_eq(&said.join("\n---\n"));
}

#[test]
fn a_missing_file_is_named() {
    expect!["cannot read the functions file `/nowhere/functions.toml`, expected TOML as `local-lambda run --help` shows it: No such file or directory (os error 2)"].assert_eq(&said(Config::from_file(Path::new("/nowhere/functions.toml"))));
}
