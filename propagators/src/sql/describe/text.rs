//! The text of a statement, without literals and comments.

use crate::sql::scan::{Kind, Token};

/// What is kept of a text.
const MAX_TEXT_BYTES: usize = 4_096;

/// Takes tokens in order.
pub(super) struct Text {
    out: String,
    list: List,
}

/// How far into `IN ( … )` the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Outside,
    /// After `IN`.
    Announced,
    /// After the bracket, which ends at this byte; all that came since were values.
    Open(usize),
}

impl Text {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes.min(MAX_TEXT_BYTES) + 16),
            list: List::Outside,
        }
    }

    pub(super) fn push(&mut self, token: Token<'_>) {
        // A list is read to its end: it may become one `?`.
        if self.out.len() > MAX_TEXT_BYTES && !matches!(self.list, List::Open(_)) {
            return;
        }
        match token.kind {
            Kind::Literal | Kind::Open => self.out.push('?'),
            // It may name a person or a trace; a space keeps its neighbours apart.
            Kind::Comment if !self.after_space() => self.out.push(' '),
            // White space stays as it was written, but a removed comment leaves none of its own.
            Kind::Space if !self.after_space() => self.out.push_str(token.text),
            Kind::Comment | Kind::Space => {}
            _ => self.out.push_str(token.text),
        }
        self.follow_list(token);
    }

    /// Nothing but values in the brackets after `IN` become one: their number says little, and makes every text another one.
    fn follow_list(&mut self, token: Token<'_>) {
        self.list = match (self.list, token.kind, token.text) {
            (list, Kind::Space | Kind::Comment, _) => list,
            (_, Kind::Word, word) if word.eq_ignore_ascii_case("in") => List::Announced,
            (List::Announced, Kind::Symbol, "(") => List::Open(self.out.len()),
            (List::Open(start), Kind::Literal | Kind::Placeholder, _)
            | (List::Open(start), Kind::Symbol, "," | "-" | "+") => List::Open(start),
            (List::Open(start), Kind::Symbol, ")") if self.out.len() > start + 1 => {
                self.out.truncate(start);
                self.out.push_str("?)");
                List::Outside
            }
            _ => List::Outside,
        };
    }

    fn after_space(&self) -> bool {
        self.out.is_empty() || self.out.ends_with(char::is_whitespace)
    }

    pub(super) fn finish(mut self) -> String {
        if self.out.len() > MAX_TEXT_BYTES {
            self.out
                .truncate(self.out.floor_char_boundary(MAX_TEXT_BYTES));
            self.out.push('…');
        }
        self.out.truncate(self.out.trim_end().len());
        self.out
    }
}
