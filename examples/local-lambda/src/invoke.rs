//! `local-lambda invoke`.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Response, StatusCode};

use crate::cli::InvokeArgs;

pub(crate) async fn invoke(args: &InvokeArgs) -> anyhow::Result<()> {
    let url = format!(
        "{}/2015-03-31/functions/{}/invocations",
        args.endpoint.trim_end_matches('/'),
        args.name
    );
    let mut request = reqwest::Client::new()
        .post(&url)
        .body(payload(&args.payload)?);
    if args.event {
        request = request.header("x-amz-invocation-type", "Event");
    }
    if args.log {
        request = request.header("x-amz-log-type", "Tail");
    }
    let endpoint = &args.endpoint;
    let response = request.send().await.with_context(|| {
        format!("cannot reach `{endpoint}`, expected the Invoke API of a running `local-lambda run`; start it, or name it with --endpoint")
    })?;
    finish(args, response).await
}

fn payload(argument: &str) -> anyhow::Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("cannot read the payload from standard input, expected JSON")?;
    Ok(text)
}

async fn finish(args: &InvokeArgs, response: Response) -> anyhow::Result<()> {
    let status = response.status();
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let (function_error, error_type) = (header("x-amz-function-error"), header("x-amzn-errortype"));
    if let Some(log) = header("x-amz-log-result") {
        let log = STANDARD
            .decode(log)
            .context("the log in the answer is no base64")?;
        eprint!("{}", String::from_utf8_lossy(&log));
    }
    let body = response.bytes().await.context("the answer broke off")?;
    if !status.is_success() {
        let kind = error_type.unwrap_or_else(|| status.to_string());
        bail!(
            "`{}` was not invoked: {kind}: {}",
            args.name,
            String::from_utf8_lossy(&body)
        );
    }
    if status == StatusCode::OK {
        let mut out = std::io::stdout().lock();
        out.write_all(&body)
            .and_then(|()| out.write_all(b"\n"))
            .context("cannot write the answer")?;
    }
    if let Some(kind) = function_error {
        bail!(
            "function `{}` failed ({kind}): its error is printed above, its log with --log",
            args.name
        );
    }
    Ok(())
}
