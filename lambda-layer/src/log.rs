//! Log lines: JSON, one a line, on stdout, where Lambda collects them.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging at `level`, for this crate's own lines: the HTTP client's would tell nobody anything. A second call does nothing.
pub fn start_logging(level: LevelFilter) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .log_internal_errors(false)
        .with_writer(std::io::stdout);
    let own = Targets::new()
        .with_target("baton_lambda_layer", level)
        .with_target("baton_layer", level);
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(own)
        .try_init();
}
