//! The environment variables of runtime and extensions, as Lambda sets them:
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::Context;
use crate::address::RUNTIME_API_PORT;
use crate::clock::day;
use crate::sandbox::FUNCTION_VERSION;

/// Platform variables that a function's configuration may replace; the others are reserved.
const REPLACEABLE: &[&str] = &[
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_LEVEL",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "TZ",
    // Lambda reserves the credentials too; here they have no other source than the configuration.
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// What the runtime sees and extensions do not.
const HIDDEN_FROM_EXTENSIONS: &[&str] = &[
    "_HANDLER",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
];

type Variables = BTreeMap<String, String>;

/// The runtime's variables.
pub(super) fn of_runtime(context: &Context, host: Variables) -> Variables {
    let platform = platform(context);
    let mut variables = host;
    variables.extend(defaults(context));
    for (name, value) in &context.config.env {
        let reserved = platform.contains_key(name) && !REPLACEABLE.contains(&name.as_str());
        if name.starts_with('_') || reserved {
            tracing::warn!(
                function = context.identity.function,
                name,
                "reserved variable of the configuration ignored"
            );
        } else {
            variables.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in platform {
        if !(REPLACEABLE.contains(&name.as_str()) && context.config.env.contains_key(&name)) {
            variables.insert(name, value);
        }
    }
    if let Some(opt) = &context.opt {
        append_path(&mut variables, "PATH", &opt.join("bin").to_string_lossy());
        append_path(
            &mut variables,
            "LD_LIBRARY_PATH",
            &opt.join("lib").to_string_lossy(),
        );
    }
    variables
}

/// An extension's variables: the runtime's without the hidden ones.
pub(super) fn of_extension(context: &Context, host: Variables) -> Variables {
    let mut variables = of_runtime(context, host);
    variables.retain(|name, _| !HIDDEN_FROM_EXTENSIONS.contains(&name.as_str()));
    variables
}

/// What Lambda sets, whatever the configuration says.
fn platform(context: &Context) -> Variables {
    let (identity, config) = (&context.identity, &context.config);
    let address = identity.address;
    let stream = format!(
        "{}/[{FUNCTION_VERSION}]{}",
        day(SystemTime::now()),
        identity.environment
    );
    let set = [
        ("AWS_REGION", context.platform.region.clone()),
        ("AWS_DEFAULT_REGION", context.platform.region.clone()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_SESSION_TOKEN", "local".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", identity.function.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", FUNCTION_VERSION.to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            config.memory_mb.to_string(),
        ),
        (
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            config.initialization.name().to_owned(),
        ),
        ("AWS_LAMBDA_LOG_FORMAT", "Text".to_owned()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", identity.function),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        (
            "AWS_LAMBDA_RUNTIME_API",
            format!("{address}:{RUNTIME_API_PORT}"),
        ),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS", format!("{address}:2000")),
        ("_AWS_XRAY_DAEMON_ADDRESS", address.to_string()),
        ("_AWS_XRAY_DAEMON_PORT", "2000".to_owned()),
        (
            "LAMBDA_TASK_ROOT",
            context.task_root.to_string_lossy().into_owned(),
        ),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", config.handler.clone()),
    ];
    let managed = config.initialization.managed().map(|most| {
        [
            ("AWS_LAMBDA_MAX_CONCURRENCY", most.to_string()),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ]
    });
    set.into_iter()
        .chain(managed.into_iter().flatten())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What local-lambda sets so that many environments run side by side; the configuration wins.
fn defaults(context: &Context) -> Variables {
    let address = context.identity.address;
    let mut set = vec![
        ("BATON_OTLP_HTTP", format!("{address}:4318")),
        ("BATON_OTLP_GRPC", format!("{address}:4317")),
        ("BATON_PROXY", format!("{address}:9009")),
        ("BATON_TELEMETRY", format!("{address}:4323")),
    ];
    if context.opt.is_some() {
        set.push((
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{address}:4318"),
        ));
    }
    if let Some(endpoint) = &context.platform.sqs_endpoint {
        set.push(("AWS_ENDPOINT_URL_SQS", endpoint.clone()));
    }
    set.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn append_path(variables: &mut Variables, name: &str, directory: &str) {
    let value = variables.entry(name.to_owned()).or_default();
    if !value.is_empty() {
        value.push(':');
    }
    value.push_str(directory);
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::config::FunctionConfig;
    use crate::platform::Platform;
    use crate::sandbox::Identity;

    fn context(env: &[(&str, &str)]) -> Context {
        let mut config = FunctionConfig::new("f", ["./bootstrap"]);
        config.env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let platform = Platform {
            sqs_endpoint: Some("http://127.0.0.1:4566".to_owned()),
            ..Platform::default()
        };
        let identity = Identity {
            function: "f".to_owned(),
            handler: "handler".to_owned(),
            account_id: platform.account_id.clone(),
            arn: platform.function_arn("f"),
            environment: "e".to_owned(),
            address: Ipv4Addr::new(127, 1, 2, 3),
            snap_start: false,
        };
        Context {
            config: Arc::new(config),
            platform: Arc::new(platform),
            identity: Arc::new(identity),
            task_root: PathBuf::from("/task"),
            opt: Some(PathBuf::from("/layer")),
        }
    }

    #[test]
    fn the_configuration_replaces_what_lambda_lets_it_replace() {
        let configured = [
            ("_X", "dropped"),
            ("AWS_LAMBDA_RUNTIME_API", "dropped"),
            ("AWS_REGION", "dropped"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("TZ", "Europe/Oslo"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other"),
            ("OWN", "kept"),
        ];
        let host = Variables::from([("PATH".to_owned(), "/bin".to_owned())]);
        let variables = of_runtime(&context(&configured), host);
        let expected = [
            ("_X", None),
            ("AWS_LAMBDA_RUNTIME_API", Some("127.1.2.3:9001")),
            ("AWS_REGION", Some("us-east-1")),
            ("AWS_LAMBDA_LOG_FORMAT", Some("JSON")),
            ("TZ", Some("Europe/Oslo")),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Some("http://other")),
            ("OWN", Some("kept")),
            ("AWS_ENDPOINT_URL_SQS", Some("http://127.0.0.1:4566")),
            ("BATON_TELEMETRY", Some("127.1.2.3:4323")),
            ("PATH", Some("/bin:/layer/bin")),
            ("_HANDLER", Some("handler")),
        ];
        for (name, value) in expected {
            assert_eq!(variables.get(name).map(String::as_str), value, "{name}");
        }
    }

    #[test]
    fn extensions_see_the_functions_variables_without_the_hidden_ones() {
        let variables = of_extension(&context(&[("OWN", "kept")]), Variables::new());
        assert!(
            HIDDEN_FROM_EXTENSIONS
                .iter()
                .all(|name| !variables.contains_key(*name))
        );
        assert_eq!(variables.get("OWN").map(String::as_str), Some("kept"));
        assert!(variables.contains_key("AWS_LAMBDA_RUNTIME_API"));
    }
}
