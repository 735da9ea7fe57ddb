//! The fields of a protobuf message, one after the other, without building it.
//!
//! What is usual is read here; whatever is not (groups, long numbers, errors) is left to `prost`, whose rules and sentences hold.

use prost::DecodeError;
use prost::encoding::{
    DecodeContext, WireType, check_wire_type, decode_key, decode_varint, skip_field,
};

/// Walks the fields of one message.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

/// One field: its number, and what it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    wire_type: WireType,
    value: u64,
    bytes: &'a [u8],
}

impl<'a> Field<'a> {
    /// The contents of a string, of bytes or of a message.
    pub(crate) fn bytes(&self) -> Result<&'a [u8], DecodeError> {
        check_wire_type(WireType::LengthDelimited, self.wire_type)?;
        Ok(self.bytes)
    }

    /// An integer, a flag or an enumeration.
    pub(super) fn varint(&self) -> Result<u64, DecodeError> {
        check_wire_type(WireType::Varint, self.wire_type)?;
        Ok(self.value)
    }

    /// The low half of an integer, as fields of 32 bits take it.
    pub(super) fn varint_32(&self) -> Result<u32, DecodeError> {
        Ok(low_half(self.varint()?))
    }

    pub(super) fn fixed_64(&self) -> Result<u64, DecodeError> {
        check_wire_type(WireType::SixtyFourBit, self.wire_type)?;
        Ok(self.value)
    }

    pub(super) fn fixed_32(&self) -> Result<u32, DecodeError> {
        check_wire_type(WireType::ThirtyTwoBit, self.wire_type)?;
        Ok(low_half(self.value))
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The contents of the fields with this number.
    pub(crate) fn numbered(
        self,
        number: u32,
    ) -> impl Iterator<Item = Result<&'a [u8], DecodeError>> {
        self.filter_map(move |field| match field {
            Ok(field) if field.number != number => None,
            Ok(field) => Some(field.bytes()),
            Err(error) => Some(Err(error)),
        })
    }

    /// `None`, and nothing read, for what is unusual.
    fn read_usual(&mut self) -> Option<Field<'a>> {
        let (key, rest) = short_varint(self.rest)?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0)?;
        let mut field = Field {
            number,
            wire_type: WireType::Varint,
            value: 0,
            bytes: &[],
        };
        self.rest = match key & 7 {
            0 => {
                let (value, rest) = short_varint(rest)?;
                field.value = value;
                rest
            }
            1 => {
                let (value, rest) = rest.split_first_chunk()?;
                field.wire_type = WireType::SixtyFourBit;
                field.value = u64::from_le_bytes(*value);
                rest
            }
            2 => {
                let (length, rest) = short_varint(rest)?;
                let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                field.wire_type = WireType::LengthDelimited;
                field.bytes = bytes;
                rest
            }
            5 => {
                let (value, rest) = rest.split_first_chunk()?;
                field.wire_type = WireType::ThirtyTwoBit;
                field.value = u64::from(u32::from_le_bytes(*value));
                rest
            }
            _ => return None,
        };
        Some(field)
    }

    fn read_any(&mut self) -> Result<Field<'a>, DecodeError> {
        let (number, wire_type) = decode_key(&mut self.rest)?;
        let mut contents = self.rest;
        // Also checks that a length stays within the message.
        skip_field(wire_type, number, &mut self.rest, DecodeContext::default())?;
        let (mut value, mut bytes): (u64, &[u8]) = (0, &[]);
        match wire_type {
            WireType::Varint => value = decode_varint(&mut contents)?,
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut contents)?).unwrap_or(usize::MAX);
                bytes = contents.get(..length).unwrap_or_default();
            }
            // Never long, so read as usual; and of groups nothing is taken.
            _ => {}
        }
        Ok(Field {
            number,
            wire_type,
            value,
            bytes,
        })
    }
}

/// Of up to eight bytes.
fn short_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    let mut value = u64::from(first & 0x7f);
    let mut last = *first;
    let mut shift = 7;
    while last & 0x80 != 0 {
        if shift > 49 {
            return None;
        }
        let (next, after) = rest.split_first()?;
        value |= u64::from(next & 0x7f) << shift;
        (last, rest, shift) = (*next, after, shift + 7);
    }
    Some((value, rest))
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or_default()
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(field) = self.read_usual() {
            return Some(Ok(field));
        }
        let field = self.read_any();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_and_stops_at_the_first_error() {
        let message = [0x08, 0x05, 0x12, 0x02, b'h', b'i', 0x12, 0x09, b'x'];
        let mut fields = Fields::of(&message);
        let number = fields.next().unwrap().unwrap();
        assert!(number.bytes().is_err(), "a number is no message");
        assert_eq!(number.varint().unwrap(), 5);
        let text = fields.next().unwrap().unwrap();
        assert_eq!((text.number, text.bytes().unwrap()), (2, b"hi".as_slice()));
        assert!(
            fields
                .next()
                .unwrap()
                .unwrap_err()
                .to_string()
                .contains("buffer underflow")
        );
        assert!(fields.next().is_none());
    }

    #[test]
    fn numbers_of_every_length_and_wire_type() {
        for shift in 0..64 {
            let value = u64::MAX >> shift;
            let mut message = Vec::new();
            prost::encoding::uint64::encode(7, &value, &mut message);
            prost::encoding::fixed64::encode(300, &value, &mut message);
            prost::encoding::fixed32::encode(16, &low_half(value), &mut message);
            let read: Vec<_> = Fields::of(&message).map(Result::unwrap).collect();
            assert_eq!(read[0].varint().unwrap(), value);
            assert_eq!((read[1].number, read[1].fixed_64().unwrap()), (300, value));
            assert_eq!(read[2].fixed_32().unwrap(), low_half(value));
            assert_eq!(read.len(), 3);
        }
    }

    #[test]
    fn groups_are_skipped() {
        // Field 1 is a group that holds a number; then field 2.
        let message = [0x0b, 0x08, 0x01, 0x0c, 0x10, 0x07];
        let read: Vec<_> = Fields::of(&message).map(Result::unwrap).collect();
        assert!(read[0].bytes().is_err());
        assert_eq!((read[1].number, read[1].varint().unwrap()), (2, 7));
    }
}
