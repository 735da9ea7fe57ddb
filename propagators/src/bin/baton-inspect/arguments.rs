use std::path::PathBuf;

use baton_propagators::format::Formats;
use clap::{Parser, ValueEnum};

/// Shows what Baton sees in a Lambda event, and why a trace breaks.
///
/// Reads one event, as Lambda hands it to a function, and prints what sent it, every record, every trace context with the
/// place where it was found, whether the span of the invocation continues it (parent) or points to it (link), and what
/// was ignored and why.
#[derive(Debug, Parser)]
#[command(name = "baton-inspect", version, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The event as JSON; `-` is standard input.
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,

    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// The formats to read, in order, by the names of OTEL_PROPAGATORS.
    ///
    /// One of tracecontext, baggage, b3, b3multi, jaeger, xray, xray-lambda, ottrace, datadog, none; several with commas.
    /// `AWSTraceHeader` and objects called `_datadog` are read in any case.
    #[arg(
        long,
        value_name = "LIST",
        env = "OTEL_PROPAGATORS",
        default_value = "tracecontext,baggage",
        value_parser = formats,
    )]
    pub(crate) propagators: Formats,

    /// The JSON of the header `Lambda-Runtime-Client-Context`.
    #[arg(long, value_name = "JSON")]
    pub(crate) client_context: Option<String>,

    /// The header `Lambda-Runtime-Trace-Id`, which is also the variable `_X_AMZN_TRACE_ID`.
    #[arg(long, value_name = "HEADER")]
    pub(crate) trace_header: Option<String>,
}

/// How to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one object.
    Json,
}

const EXAMPLES: &str = "\
Examples:
  Log the event in the function (in Python: print(json.dumps(event))), copy it from the log, then:

    baton-inspect event.json
    baton-inspect --format json event.json | jq '.records[].contexts[].place'

  A service in front speaks B3:

    baton-inspect --propagators tracecontext,b3 event.json

What to look for:
  no context   The producer sends none, a service between drops it, or its format is not in
               `--propagators`. The last line says what that service carries.
  ignored      It is there and broken: two traceparent headers, upper-case digits, ids of zeros.
  links        The span does not continue the trace, and the reason stands beside it: a batch, a
               stream, a replay, a dead-letter queue.

Exit status:
  0  the event was read, whatever was found
  1  the file cannot be read, or is no JSON
  2  wrong usage";

fn formats(list: &str) -> Result<Formats, String> {
    let (formats, unknown) = Formats::parse(list);
    match unknown.first() {
        None => Ok(formats),
        Some(unknown) => Err(unknown.to_string()),
    }
}
