//! What the Kinesis Producer Library packs several records into: four magic bytes, a protocol buffer, and the MD5 of it.
//!
//! <https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md>. The MD5 is not looked at: whoever
//! reads the data checks it, and a context that is not whole is not valid.

const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const MD5_BYTES: usize = 16;
/// `AggregatedRecord.records` and `Record.data`.
const RECORDS: u64 = 3;
const DATA: u64 = 3;

/// The data of each record; none when it is no such packet, and up to where it is broken.
pub(super) fn records(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let message = packet.strip_prefix(&MAGIC);
    let message = message.and_then(|rest| rest.get(..rest.len().checked_sub(MD5_BYTES)?));
    let records = Fields(message.unwrap_or_default()).filter(|(number, _)| *number == RECORDS);
    records.filter_map(|(_, record)| {
        let mut fields = Fields(record);
        fields.find_map(|(number, data)| (number == DATA).then_some(data))
    })
}

/// The fields of a message that hold bytes: <https://protobuf.dev/programming-guides/encoding/>.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let tag = self.varint()?;
            match tag & 7 {
                0 => drop(self.varint()?),
                1 => drop(self.take(8)?),
                2 => {
                    let length = usize::try_from(self.varint()?).ok()?;
                    return Some((tag >> 3, self.take(length)?));
                }
                5 => drop(self.take(4)?),
                _ => return None,
            }
        }
    }
}

// ===== impl Fields =====

impl<'a> Fields<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(packet: &[u8]) -> Vec<&str> {
        let text = |data| std::str::from_utf8(data).unwrap();
        records(packet).map(text).collect()
    }

    #[test]
    fn packets() {
        // Two keys, then `{1: 0, 3: "ab"}` and `{1: 1, 2: 0, 3: "c"}`.
        let keys = b"\x0a\x01k\x0a\x01l";
        let records = b"\x1a\x06\x08\x00\x1a\x02ab\x1a\x07\x08\x01\x10\x00\x1a\x01c";
        let md5 = [0; MD5_BYTES];
        let packet = [&MAGIC[..], keys, records, &md5].concat();
        assert_eq!(found(&packet), ["ab", "c"]);
        assert_eq!(found(&packet[1..]), [""; 0]);
        // Broken at any place, it ends there.
        for end in 0..packet.len() {
            assert!(
                found(&packet[..end]).len() <= 1 + usize::from(end > 30),
                "{end}"
            );
        }
        let endless = [&MAGIC[..], &[0xff; 64], &md5].concat();
        assert_eq!(found(&endless), [""; 0]);
        let too_long = [&MAGIC[..], b"\x1a\xff\xff\xff\xff\x0f", &md5].concat();
        assert_eq!(found(&too_long), [""; 0]);
    }
}
