//! New ids. From the system each time: a generator's state would be in the snapshot that SnapStart restores many times.

use baton_propagators::context::{SpanId, TraceId};

/// The first four bytes are the time, as X-Ray has it: the hand-on header is read by validators older than random ids.
pub(crate) fn trace_id(now_ns: u64) -> TraceId {
    let seconds = u32::try_from(now_ns / 1_000_000_000).unwrap_or(u32::MAX);
    loop {
        let mut bytes = random::<16>();
        bytes
            .iter_mut()
            .zip(seconds.to_be_bytes())
            .for_each(|(to, from)| *to = from);
        if let Some(id) = TraceId::new(bytes) {
            return id;
        }
    }
}

pub(crate) fn span_id() -> SpanId {
    loop {
        if let Some(id) = SpanId::new(random()) {
            return id;
        }
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        // No source of the system: still an id, only a weaker one.
        bytes.iter_mut().for_each(|byte| *byte = fastrand::u8(..));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_begins_with_the_time() {
        let id = trace_id(0x5759_e988 * 1_000_000_000).to_string();
        assert_eq!(id.get(..8), Some("5759e988"));
        assert_ne!(id, trace_id(0x5759_e988 * 1_000_000_000).to_string());
        assert_ne!(span_id(), span_id());
    }
}
