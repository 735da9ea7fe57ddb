//! `baton serve`

use anyhow::Context as _;
use baton_store::serve::{self, ServeOptions};
use tracing_subscriber::EnvFilter;

use crate::arguments::ServeArguments;

pub(crate) async fn run(arguments: ServeArguments) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&arguments.log).with_context(|| {
        format!(
            "log level `{}` is unknown: expected `error`, `warn`, `info`, `debug` or `trace`",
            arguments.log
        )
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let mut options = ServeOptions::new(arguments.store.url()?);
    options.otlp_http = arguments.otlp_http;
    options.http = arguments.http;
    options.token = arguments.token;
    Ok(serve::run(options).await?)
}
