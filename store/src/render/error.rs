//! What can go wrong while an answer is printed.

/// Why an answer was not printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A name that is no format.
    #[error("format `{0}` is unknown: expected `table`, `json`, `ndjson` or `csv`")]
    UnknownFormat(String),
    /// The output is closed or full.
    #[error("cannot write the answer")]
    Write(#[from] std::io::Error),
    /// A value that JSON cannot say.
    #[error("cannot write the answer as JSON")]
    Json(#[from] serde_json::Error),
    /// A row that CSV cannot say.
    #[error("cannot write the answer as CSV")]
    Csv(#[from] csv::Error),
}

impl RenderError {
    /// Whether the reader went away, as `head` does: nobody needs to be told.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Write(error) => Some(error.kind()),
            Self::Json(error) => error.io_error_kind(),
            Self::Csv(error) => match error.kind() {
                csv::ErrorKind::Io(error) => Some(error.kind()),
                _ => None,
            },
            Self::UnknownFormat(_) => None,
        };
        kind == Some(std::io::ErrorKind::BrokenPipe)
    }
}
