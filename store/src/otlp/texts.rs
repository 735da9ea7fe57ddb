//! Text columns, written as bytes and checked as a whole: that is where most of the work of decoding is.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

/// One text column.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Ends,
    /// Stays empty until there is a NULL.
    valid: Vec<bool>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end();
    }

    /// Bytes as lower-case hex.
    pub(super) fn push_hex(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes
                .extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        self.end();
    }

    /// Adds to the text that is being written; [`Texts::end`] ends it.
    pub(super) fn write(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
    }

    pub(super) fn end(&mut self) {
        self.ends.push(self.bytes.len());
        if !self.valid.is_empty() {
            self.valid.push(true);
        }
    }

    pub(super) fn push_null(&mut self) {
        if self.valid.is_empty() {
            self.valid = vec![true; self.len()];
        }
        self.ends.push(self.bytes.len());
        self.valid.push(false);
    }

    pub(super) fn push_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text.as_bytes()),
            None => self.push_null(),
        }
    }

    /// All rows of another column.
    pub(super) fn extend(&mut self, other: &Self) {
        if !(self.valid.is_empty() && other.valid.is_empty()) {
            self.valid.resize(self.len(), true);
            self.valid.extend_from_slice(&other.valid);
            self.valid.resize(self.len() + other.len(), true);
        }
        self.ends.extend(&other.ends);
        self.bytes.extend_from_slice(&other.bytes);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.bytes.len() + 5 * self.len()
    }

    /// # Errors
    /// Fails when one of the texts is no UTF-8.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let Self { bytes, ends, valid } = std::mem::take(self);
        let nulls = (!valid.is_empty()).then(|| NullBuffer::from(valid));
        let array = StringArray::try_new(ends.finish(), Buffer::from_vec(bytes), nulls)?;
        Ok(Arc::new(array))
    }
}

fn digit(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'a' + nibble - 10
    }
}

/// Where the parts of a column end. One request cannot grow beyond its bound, which is far below 2 GiB.
#[derive(Debug)]
pub(super) struct Ends(Vec<i32>);

impl Default for Ends {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Ends {
    /// The next part ends at `end`, counted from the start of the column.
    pub(super) fn push(&mut self, end: usize) {
        self.0.push(i32::try_from(end).unwrap_or(i32::MAX));
    }

    /// The parts of another column follow.
    pub(super) fn extend(&mut self, other: &Self) {
        let start = self.last();
        let ends = other.0.iter().skip(1);
        self.0.extend(ends.map(|end| end.saturating_add(start)));
    }

    fn last(&self) -> i32 {
        self.0.last().copied().unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() - 1
    }

    pub(super) fn finish(self) -> OffsetBuffer<i32> {
        OffsetBuffer::new(ScalarBuffer::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;

    fn texts(values: &[Option<&str>]) -> Texts {
        let mut texts = Texts::default();
        values.iter().for_each(|value| texts.push_option(*value));
        texts
    }

    #[test]
    fn nulls_before_between_and_after() {
        for left in [&[][..], &[Some("a")], &[None, Some("b")]] {
            for right in [&[][..], &[Some("é"), Some("")], &[Some("c"), None]] {
                let mut both = texts(left);
                both.extend(&texts(right));
                both.push(b"end");
                let array = both.finish().unwrap();
                let expected = [left, right, &[Some("end")]].concat();
                assert!(array.as_string::<i32>().iter().eq(expected));
            }
        }
    }

    #[test]
    fn half_a_character_is_no_text() {
        let mut texts = Texts::default();
        texts.push(&[0xc3]);
        texts.push(&[0xa9]);
        assert!(texts.finish().is_err());
    }

    #[test]
    fn hex() {
        let mut texts = Texts::default();
        texts.push_hex(&[0x09, 0xaf]);
        assert_eq!(texts.finish().unwrap().as_string::<i32>().value(0), "09af");
    }
}
