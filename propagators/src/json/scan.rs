//! A cursor in JSON text.

use std::borrow::Cow;

use super::{
    Level, Raw,
    string_end::{brackets_end, string_end},
};

/// What is left to read. Every step is `None` where the text is not as JSON has it, and does not look further.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    rest: &'a [u8],
    level: Level,
}

// ===== impl Scan =====

impl<'a> Scan<'a> {
    pub(crate) const fn of(value: Raw<'a>) -> Self {
        Self {
            rest: value.bytes(),
            level: value.level(),
        }
    }

    /// The first byte of what comes next; a quote is one in any writing.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        while self.level == Level::Escaped {
            match self.rest {
                [b'\\', b'"', ..] => return Some(b'"'),
                [b'\\', b'n' | b'r' | b't', rest @ ..] => self.rest = rest.trim_ascii_start(),
                _ => break,
            }
        }
        self.rest.first().copied()
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Walks an object. `member` has to consume the value it is called for.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Option<()>,
    ) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.key()?;
            member(self, &key)?;
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Walks an array. `item` has to consume one value.
    pub(crate) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Steps over any value. Brackets have to balance; whether each closes its own kind is not looked at.
    pub(crate) fn value(&mut self) -> Option<Raw<'a>> {
        let first = self.peek()?;
        let start = self.rest;
        match first {
            b'"' => self.skip_string()?,
            b'{' | b'[' => self.advance(brackets_end(self.rest, self.level)?)?,
            _ => self.skip_word()?,
        }
        let value = start.get(..start.len() - self.rest.len())?;
        Some(Raw::at(value, self.level))
    }

    /// The next member of an object that was entered before, or `None` at its end.
    pub(super) fn member(&mut self, first: bool) -> Option<(Cow<'a, str>, Raw<'a>)> {
        self.separator(first)?;
        Some((self.key()?, self.value()?))
    }

    /// The next item of an array that was entered before, or `None` at its end.
    pub(super) fn item(&mut self, first: bool) -> Option<Raw<'a>> {
        self.separator(first)?;
        self.value()
    }

    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.advance(1))?
    }

    fn separator(&mut self, first: bool) -> Option<()> {
        match self.peek()? {
            b',' if !first => self.advance(1),
            b'}' | b']' => None,
            _ if first => Some(()),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.advance(1)?;
        Some(byte)
    }

    fn advance(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    /// A key and its colon. One that is no UTF-8 reads as empty, which nobody asks for.
    fn key(&mut self) -> Option<Cow<'a, str>> {
        if self.peek()? != b'"' {
            return None;
        }
        let key = self.value()?;
        self.eat(b':')?;
        Some(key.text().unwrap_or_default())
    }

    fn skip_string(&mut self) -> Option<()> {
        self.advance(self.level.quote().len())?;
        let end = string_end(self.rest, self.level)?;
        self.advance(end + 1)
    }

    /// A number, `true`, `false`, `null`, or something that is none of them.
    fn skip_word(&mut self) -> Option<()> {
        let ends =
            |byte: &u8| matches!(byte, b',' | b']' | b'}' | b'\\') || byte.is_ascii_whitespace();
        let length = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let strange = |byte: &u8| matches!(byte, b'"' | b':' | b'{' | b'[');
        let word = self.rest.get(..length)?;
        if word.is_empty() || word.iter().any(strange) {
            return None;
        }
        self.advance(length)
    }
}
