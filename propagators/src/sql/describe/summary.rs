//! The summary of a text: its operations, each with what it works on, as they are written
//! (<https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-a-summary-of-the-query>).
//!
//! It is read from keywords, not parsed. Where a text is too clever for that, a name is missing, and the rest holds.

use super::{
    Statement,
    keywords::{DEFINITIONS, ENDS_OF_FROM, MODIFIERS, OBJECTS, WRITES},
};
use crate::sql::scan::{Kind, Token};

/// The conventions' own limit.
const MAX_SUMMARY_BYTES: usize = 255;
/// Takes tokens in order.
#[derive(Default)]
pub(super) struct Summary<'a> {
    parts: String,
    full: bool,
    operations: usize,
    operation: String,
    targets: usize,
    target: String,
    writes: bool,
    /// Common table expressions look like tables, and not every defined object is one.
    unsure: bool,
    state: State,
    name: String,
    /// One for each open bracket.
    levels: Vec<Level>,
    outermost: Level,
    previous: &'a str,
    with: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// At the start of a statement.
    #[default]
    Start,
    Inside,
    /// After `CREATE` and its like, until the kind of object is named.
    Definition,
    /// A name is to come.
    Target(Role),
    /// A name came; a dot makes it longer.
    Named(Role),
    /// The dot came.
    Dotted(Role),
    /// Until the semicolon.
    Skip,
}

/// What a name is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// In a FROM clause, where brackets after it make it a function.
    Source,
    Target,
    /// The rest of its statement is not read.
    Defined,
}

#[derive(Clone, Copy, Default)]
struct Level {
    /// `EXTRACT(DAY FROM …)` is none.
    query: bool,
    /// In a FROM clause, where a comma announces one more table.
    from: bool,
}

impl<'a> Summary<'a> {
    pub(super) fn push(&mut self, token: Token<'a>) {
        if matches!(token.kind, Kind::Space | Kind::Comment) {
            return;
        }
        if (token.kind, token.text) == (Kind::Symbol, ";") {
            self.end_statement();
        } else if !self.continues_name(token) {
            match (token.kind, self.state) {
                (_, State::Skip) => {}
                (Kind::Word, _) => self.word(token.text),
                (Kind::Quoted, State::Target(role)) => self.start_name(token.text, role),
                (Kind::Symbol, _) => self.symbol(token.text),
                (_, State::Target(_)) => self.state = State::Inside,
                _ => {}
            }
        }
        self.previous = token.text;
    }

    pub(super) fn finish(mut self) -> Statement {
        self.end_statement();
        let single = self.operations == 1;
        let collection = single && self.targets == 1 && !self.unsure;
        Statement {
            text: String::new(),
            summary: self.parts,
            operation: single.then_some(self.operation),
            collection: collection.then(|| self.target.replace(['"', '`', '[', ']'], "")),
            writes: self.writes,
        }
    }

    fn end_statement(&mut self) {
        self.end_name("");
        self.state = State::Start;
        self.levels.clear();
        self.outermost = Level::default();
        self.with = false;
    }

    /// Whether the token belonged to the name that began before it.
    fn continues_name(&mut self, token: Token<'_>) -> bool {
        match (self.state, token.kind) {
            (State::Named(role), Kind::Symbol) if token.text == "." => {
                self.name.push('.');
                self.state = State::Dotted(role);
                true
            }
            (State::Dotted(role), Kind::Word | Kind::Quoted) => {
                self.name.push_str(token.text);
                self.state = State::Named(role);
                true
            }
            _ => {
                self.end_name(token.text);
                false
            }
        }
    }

    fn start_name(&mut self, name: &str, role: Role) {
        self.name.clear();
        self.name.push_str(name);
        self.state = State::Named(role);
    }

    fn end_name(&mut self, next: &str) {
        let (State::Named(role) | State::Dotted(role)) = self.state else {
            return;
        };
        let name = std::mem::take(&mut self.name);
        if role != Role::Source || next != "(" {
            self.targets += 1;
            self.add(&name);
            if self.targets == 1 {
                self.target = name;
            }
        }
        self.state = match role {
            Role::Defined => State::Skip,
            Role::Source | Role::Target => State::Inside,
        };
    }

    fn symbol(&mut self, symbol: &str) {
        match (symbol, self.state) {
            ("(", state) => {
                self.levels.push(Level::default());
                if matches!(state, State::Target(_)) {
                    self.state = State::Inside;
                }
            }
            (")", _) => drop(self.levels.pop()),
            (",", State::Inside) if self.level().from => self.state = State::Target(Role::Source),
            _ => {}
        }
    }

    fn word(&mut self, word: &str) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        match self.state {
            State::Start => self.start(word),
            State::Definition if is_one_of(word, &OBJECTS) => {
                self.operation = format!("{} {word}", self.operation);
                self.unsure |= !is("TABLE");
                self.add(word);
                self.state = State::Target(Role::Defined);
            }
            State::Target(_) if is_one_of(word, &MODIFIERS) => {}
            State::Target(role) if !is("SELECT") => self.start_name(word, role),
            State::Target(_) | State::Inside if self.previous != "." => self.inside(word),
            _ => {}
        }
    }

    /// The first word of a statement.
    fn start(&mut self, word: &str) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if is("WITH") {
            self.with = true;
            self.unsure = true;
            self.state = State::Inside;
            return;
        }
        self.operation(word);
        self.state = if is("EXPLAIN") {
            State::Start
        } else if is("TRUNCATE") {
            State::Target(Role::Defined)
        } else if is_one_of(word, &DEFINITIONS) {
            State::Definition
        } else if ["UPDATE", "CALL", "EXEC", "EXECUTE", "COPY"]
            .into_iter()
            .any(is)
        {
            self.unsure |= !is("UPDATE") && !is("COPY");
            State::Target(Role::Target)
        } else if is("SELECT") || is_one_of(word, &WRITES) {
            State::Inside
        } else {
            State::Skip
        };
    }

    fn inside(&mut self, word: &str) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        let query = self.level().query;
        self.state = State::Inside;
        if is("SELECT") {
            self.operation(word);
        } else if is_one_of(word, &WRITES) && self.may_start_query() {
            self.operation(word);
            if is("UPDATE") {
                self.state = State::Target(Role::Target);
            }
        } else if is("FROM") && query && !self.previous.eq_ignore_ascii_case("DISTINCT") {
            self.level().from = true;
            self.state = State::Target(Role::Source);
        } else if is("JOIN") && query {
            self.state = State::Target(Role::Source);
        } else if is("INTO") && query {
            self.state = State::Target(Role::Target);
        } else if is_one_of(word, &ENDS_OF_FROM) {
            self.level().from = false;
        }
    }

    /// `ON CONFLICT DO UPDATE`, `FOR UPDATE` and `REPLACE(…)` do not.
    fn may_start_query(&self) -> bool {
        self.with && (self.previous == "(" || self.previous == ")" && self.levels.is_empty())
    }

    fn operation(&mut self, word: &str) {
        self.operations += 1;
        self.writes |= is_one_of(word, &WRITES);
        *self.level() = Level {
            query: true,
            from: false,
        };
        if self.operations == 1 {
            word.clone_into(&mut self.operation);
        }
        self.add(word);
    }

    /// Whole words only: what does not fit is left out, with all that follows.
    fn add(&mut self, part: &str) {
        self.full |= self.parts.len() + 1 + part.len() > MAX_SUMMARY_BYTES;
        if !self.full {
            if !self.parts.is_empty() {
                self.parts.push(' ');
            }
            self.parts.push_str(part);
        }
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().unwrap_or(&mut self.outermost)
    }
}

fn is_one_of(word: &str, keywords: &[&str]) -> bool {
    keywords
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}
