//! What a function and its wrapper see of the world.

use serde_json::json;

use crate::bed::{Bed, executable};

#[tokio::test]
async fn the_runtime_sees_lambdas_variables_and_not_the_hosts() {
    let bed = Bed::new(|config| {
        config.handler = "app.main".to_owned();
        config.env.insert("OWN".to_owned(), "mine".to_owned());
    });
    let env = bed.ask(json!({"do": "env"})).await;
    let address = bed.function.environments()[0].address;
    let expected = [
        ("OWN", "mine".to_owned()),
        ("_HANDLER", "app.main".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "f".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", format!("{address}:9001")),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("BATON_OTLP_HTTP", format!("{address}:4318")),
    ];
    for (name, value) in expected {
        assert_eq!(env[name], value, "{name}");
    }
    assert!(
        env.get("CARGO_MANIFEST_DIR").is_none(),
        "the test's own environment stays outside"
    );
}

#[tokio::test]
async fn a_wrapper_gets_the_command_line() {
    let bed = Bed::with_extensions(&["watcher"], |config| {
        let wrapper = config.opt.clone().unwrap().join("wrap");
        executable(
            &wrapper,
            "#!/bin/sh\nexport WRAPPED=\"$#\"\nexec \"$@\" more\n",
        );
        config
            .env
            .insert("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/opt/wrap".to_owned());
    });
    let answer = bed.ask(json!({"do": "argv"})).await;
    assert_eq!(answer["wrapped"], "2", "the interpreter and its script");
    assert_eq!(answer["argv"][1], "more");
    let directory = bed.directory.path().canonicalize().unwrap();
    assert_eq!(answer["cwd"], directory.to_str().unwrap());
}
