//! What can be wrong with a request.

/// Why a body is no OTLP request that can be stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are no protobuf message of this kind.
    #[error("the body is no OTLP `{message}`: {source}")]
    Protobuf {
        /// The message that was expected.
        message: &'static str,
        /// What the parser met.
        source: prost::DecodeError,
    },
    /// A schema URL that is no text.
    #[error("the body is no OTLP `ResourceSpans`: its schema URL is no UTF-8: {source}")]
    SchemaUrl {
        /// Where it stops to be one.
        source: std::str::Utf8Error,
    },
    /// The request would need more memory than one request may have.
    #[error(
        "the request grows beyond {limit_bytes} bytes when decoded: send fewer spans in one request"
    )]
    TooLarge {
        /// The bound.
        limit_bytes: usize,
    },
    /// A resource or scope with an absurd number of attributes.
    #[error("a resource or scope holds more than {limit} attributes and values: send fewer")]
    TooManyElements {
        /// The bound.
        limit: usize,
    },
    /// The record batch could not be built.
    #[error("the spans could not be turned into columns: {0}")]
    Columns(#[from] arrow::error::ArrowError),
}

impl DecodeError {
    /// Is it the size, rather than the form, that is wrong?
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::TooManyElements { .. })
    }
}
