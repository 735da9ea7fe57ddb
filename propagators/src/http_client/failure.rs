//! What an error says about itself: a kind of few different values, and the text of its cause.

use std::{
    error::Error,
    io::{self, ErrorKind},
    iter,
};

use crate::attribute as a;

/// `error.type` of a request that got no response.
pub(super) fn kind(error: &(dyn Error + 'static)) -> &'static str {
    let io = chain(error).find_map(|error| error.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(ErrorKind::TimedOut) => "timeout",
        Some(ErrorKind::ConnectionRefused) => "connection_refused",
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) => "connection_reset",
        Some(ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) => "connection_closed",
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => "unreachable",
        _ => a::OTHER,
    }
}

/// The innermost error: what is around it repeats the URL, secrets included.
pub(super) fn cause(error: &(dyn Error + 'static)) -> Option<String> {
    let innermost = chain(error).skip(1).last()?;
    Some(innermost.to_string())
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&error: &&'e (dyn Error + 'static)| {
        error.source()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not ask `https://user:secret@api.example/`")]
    struct Outer(#[source] io::Error);

    #[test]
    fn kinds_and_causes() {
        let io = |kind| io::Error::new(kind, "the text");
        for (found, expected) in [
            (ErrorKind::TimedOut, "timeout"),
            (ErrorKind::ConnectionRefused, "connection_refused"),
            (ErrorKind::ConnectionReset, "connection_reset"),
            (ErrorKind::UnexpectedEof, "connection_closed"),
            (ErrorKind::HostUnreachable, "unreachable"),
            (ErrorKind::InvalidData, "_OTHER"),
        ] {
            let error = Outer(io(found));
            assert_eq!((kind(&error), kind(&error.0)), (expected, expected));
            assert_eq!(cause(&error).as_deref(), Some("the text"));
        }
        // Alone, it may be one with the URL in it.
        assert_eq!(cause(&io::Error::from(ErrorKind::NotFound)), None);
    }
}
