use super::*;

fn parse(pairs: &[(&str, &str)]) -> (Config, Vec<String>) {
    let variables = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let (config, complaints) = Config::parse(&variables);
    (config, complaints.iter().map(ToString::to_string).collect())
}

#[test]
fn defaults() {
    let (config, complaints) = parse(&[]);
    assert!(!config.is_ingest && config.target.is_none() && config.headers.is_empty());
    assert_eq!(config.compression, Compression::Gzip);
    assert_eq!(config.buffer_bytes, 4 * 1024 * 1024);
    assert_eq!(config.otlp_http.to_string(), "127.0.0.1:4318");
    assert_eq!(config.telemetry.to_string(), "0.0.0.0:4323");
    assert_eq!(config.log, LevelFilter::WARN);
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with("`BATON_EXPORT` is not set: "));
}

#[test]
fn values() {
    let (config, complaints) = parse(&[
        ("BATON_EXPORT", " http://h:1 "),
        ("BATON_EXPORT_HEADERS", "a=b"),
        ("BATON_EXPORT_COMPRESSION", "none"),
        ("BATON_BUFFER_BYTES", "65536"),
        ("BATON_OTLP_HTTP", "127.1.2.3:0"),
        ("BATON_TELEMETRY", "127.1.2.3:4323"),
        ("BATON_LOG", "debug"),
        ("AWS_LAMBDA_RUNTIME_API", "127.1.2.3:9001"),
    ]);
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(config.target.unwrap().to_string(), "http://h:1/v1/traces");
    assert_eq!(config.headers["a"], "b");
    assert_eq!(config.compression, Compression::None);
    assert_eq!(config.buffer_bytes, 65536);
    assert_eq!(config.otlp_http.to_string(), "127.1.2.3:0");
    assert_eq!(config.log, LevelFilter::DEBUG);
    assert_eq!(config.runtime_api.unwrap(), "127.1.2.3:9001");
}

#[test]
fn a_bad_value_is_one_line_and_the_default() {
    for (name, value) in [
        ("BATON_EXPORT_COMPRESSION", "zstd"),
        ("BATON_BUFFER_BYTES", "4 MiB"),
        ("BATON_BUFFER_BYTES", "0"),
        ("BATON_BUFFER_BYTES", "-1"),
        ("BATON_OTLP_HTTP", "4318"),
        ("BATON_OTLP_HTTP", "0.0.0.0:4318"),
        ("BATON_TELEMETRY", "sandbox:4323"),
        ("BATON_LOG", "loud"),
    ] {
        let (config, complaints) = parse(&[("BATON_EXPORT", "http://h"), (name, value)]);
        assert_eq!(complaints.len(), 1, "{name}={value}: {complaints:?}");
        let opening = format!("`{name}` is `{value}`: expected ");
        assert!(complaints[0].starts_with(&opening), "{}", complaints[0]);
        let (default, _) = parse(&[("BATON_EXPORT", "http://h")]);
        assert_eq!(format!("{config:?}"), format!("{default:?}"));
    }
}

#[test]
fn a_target_without_a_scheme_is_one_sentence() {
    let (_, complaints) = parse(&[("BATON_EXPORT", "h:4318")]);
    let expected = "`BATON_EXPORT` is `h:4318`: expected `http://HOST[:PORT]` or `https://HOST[:PORT]`; try `http://h:4318`; \
        until then spans are counted and dropped";
    assert_eq!(complaints, [expected]);
}

#[test]
fn a_bad_resource_attribute_is_one_line_and_the_others_stay() {
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "faas.name=pay%20ments,bad");
    let (config, complaints) = parse(&[("BATON_EXPORT", "http://h"), attributes]);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    let opening = "`OTEL_RESOURCE_ATTRIBUTES` entry 2 (`bad`): expected ";
    assert!(complaints[0].starts_with(opening), "{}", complaints[0]);
    assert_eq!(config.tracing.resource.function_name(), "pay ments");
}

#[test]
fn a_target_that_is_the_layer_itself() {
    for (target, listener, is_circle) in [
        ("http://127.0.0.1:4318", "127.0.0.1:4318", true),
        ("http://localhost:4318/x", "127.0.0.1:4318", true),
        ("http://[::1]:4318", "[::1]:4318", true),
        ("http://127.0.0.1", "127.0.0.1:80", true),
        ("http://127.0.0.1:4319", "127.0.0.1:4318", false),
        ("http://127.0.0.2:4318", "127.0.0.1:4318", false),
        ("http://collector:4318", "127.0.0.1:4318", false),
    ] {
        let (config, complaints) =
            parse(&[("BATON_EXPORT", target), ("BATON_OTLP_HTTP", listener)]);
        assert_eq!(config.target.is_none(), is_circle, "{target}");
        assert_eq!(complaints.len(), usize::from(is_circle), "{complaints:?}");
        assert!(complaints.iter().all(|line| line.contains("own listener")));
    }
}

#[test]
fn the_ingest_function_needs_no_target() {
    let (config, complaints) = parse(&[("BATON_STORE", "duckdb:x"), ("BATON_EXPORT", "htp:/x")]);
    assert!(config.is_ingest && config.target.is_none());
    assert_eq!(complaints, Vec::<String>::new());
}

#[test]
fn docs_table_is_this_table() {
    let docs = include_str!("../../../docs/layer.md");
    let rows: Vec<&str> = docs
        .lines()
        .skip_while(|line| !line.starts_with("| variable |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<String> = VARIABLES
        .iter()
        .map(|variable| {
            let default = match variable.default {
                "" => "none".to_owned(),
                default => format!("`{default}`"),
            };
            format!("| `{}` | {default} | {} |", variable.name, variable.meaning)
        })
        .collect();
    assert_eq!(rows, expected, "update the table in docs/layer.md");
}
