//! How a value is written down.

/// JSON as it is, or as it stands inside of a JSON string.
///
/// Most bodies are JSON in a string. To take the escapes away from all of a body costs several times what it costs to step
/// over it, so it is read as it stands, and only the strings that somebody asks for are made plain. A quote that begins or
/// ends a string inside of such a body is `\"`; one within a string is `\\\"`. So the backslashes before it tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Level {
    #[default]
    Plain,
    Escaped,
}

// ===== impl Level =====

impl Level {
    /// A quote, as it begins and ends strings.
    pub(super) const fn quote(self) -> &'static [u8] {
        match self {
            Self::Plain => b"\"",
            Self::Escaped => b"\\\"",
        }
    }

    /// Whether a quote begins or ends a string, by the number of backslashes right before it.
    ///
    /// Without the escapes of the outer string there are half as many, and one of them, when the number is odd, was for the
    /// quote itself.
    pub(super) const fn ends_string(self, backslashes: usize) -> bool {
        match self {
            Self::Plain => backslashes.is_multiple_of(2),
            Self::Escaped => backslashes % 4 == 1,
        }
    }
}
