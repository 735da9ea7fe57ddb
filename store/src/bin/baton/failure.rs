//! How failures are told: what, and what to try.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use baton_store::query::QueryError;
use baton_store::render::{RenderError, harmless};
use baton_store::search::SearchError;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// A command line that clap could not know to be wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) &'static str);

/// Prints an error with all its causes, and the hint if there is one.
pub(crate) fn report(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    if error
        .downcast_ref::<RenderError>()
        .is_some_and(RenderError::is_broken_pipe)
    {
        return ExitCode::SUCCESS;
    }
    // It may quote what spans hold.
    let text = harmless(&format!("{error:#}"));
    anstream::eprintln!("{ERROR}error:{ERROR:#} {text}");
    if let Some(hint) = error
        .downcast_ref::<QueryError>()
        .and_then(QueryError::hint)
    {
        anstream::eprintln!("{HINT}hint:{HINT:#} {hint}");
    }
    if error.is::<Usage>() || error.is::<SearchError>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}
