//! The fields of a protobuf message, one after the other, without building it.

use prost::DecodeError;
use prost::encoding::{
    DecodeContext, WireType, check_wire_type, decode_key, decode_varint, skip_field,
};

/// Walks the fields of one message.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

/// One field; `bytes` is what it holds when it has a length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    wire_type: WireType,
    bytes: &'a [u8],
}

impl<'a> Field<'a> {
    /// The contents of a string, of bytes or of a message.
    pub(crate) fn bytes(&self) -> Result<&'a [u8], DecodeError> {
        check_wire_type(WireType::LengthDelimited, self.wire_type)?;
        Ok(self.bytes)
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

    fn read(&mut self) -> Result<Field<'a>, DecodeError> {
        let (number, wire_type) = decode_key(&mut self.rest)?;
        let mut contents = self.rest;
        // Also checks that a length stays within the message.
        skip_field(wire_type, number, &mut self.rest, DecodeContext::default())?;
        let mut bytes: &[u8] = &[];
        if wire_type == WireType::LengthDelimited {
            let length = usize::try_from(decode_varint(&mut contents)?).unwrap_or(usize::MAX);
            bytes = contents.get(..length).unwrap_or_default();
        }
        Ok(Field {
            number,
            wire_type,
            bytes,
        })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.read();
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
        assert!(
            fields.next().unwrap().unwrap().bytes().is_err(),
            "a number is no message"
        );
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
}
