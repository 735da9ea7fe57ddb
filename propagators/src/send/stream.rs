//! Records of a stream, which Kinesis and Firehose have alike.

use aws_smithy_types::Blob;

use super::{
    limits::Room,
    operation::Injection,
    payload::{add_trace, takes_trace},
};

/// Whether the record can carry, and does not yet.
pub(super) fn is_parent(data: &[u8]) -> bool {
    takes_trace(data)
}

/// Only where the user wants it: other readers of the stream see it too.
pub(super) fn inject(
    data: &mut Blob,
    mut record: Room,
    request: &mut Room,
    injection: &mut Injection<'_>,
) {
    if !injection.options.payloads {
        return;
    }
    let mut after = None;
    let placed = add_trace(data, injection.fields, &mut [&mut record, request], |bytes| {
        after = Some(Blob::new(bytes));
    });
    if let Some(after) = after {
        *data = after;
    }
    injection.count(placed);
}
