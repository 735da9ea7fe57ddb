//! Several received requests become the body of one.

use std::io::Write as _;

use bytes::Bytes;
use flate2::write::GzEncoder;

use crate::config::Compression;

/// Joins `bodies`: protobuf messages of one type, written one after the other, are one message with the fields of all.
/// <https://protobuf.dev/programming-guides/encoding/#last-one-wins>
pub(super) fn join(bodies: &[Bytes], compression: Compression) -> Bytes {
    match compression {
        Compression::None => match bodies {
            [body] => body.clone(),
            _ => bodies.concat().into(),
        },
        Compression::Gzip => gzip(bodies),
    }
}

#[expect(clippy::expect_used, reason = "writing to a Vec cannot fail")]
fn gzip(bodies: &[Bytes]) -> Bytes {
    // The function's processor is waiting for this: fast, not small.
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for body in bodies {
        encoder.write_all(body).expect("a Vec takes every byte");
    }
    encoder.finish().expect("a Vec takes every byte").into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn joined_bodies_come_out_in_order() {
        let bodies = [Bytes::from_static(b"ab"), Bytes::from_static(b"c")];
        assert_eq!(join(&bodies, Compression::None), "abc");
        let zipped = join(&bodies, Compression::Gzip);
        let mut plain = String::new();
        flate2::read::GzDecoder::new(zipped.as_ref())
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, "abc");
    }
}
