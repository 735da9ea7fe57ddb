//! What a search line says.

/// A condition on spans.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All of them.
    And(Vec<Expression>),
    /// One of them, or more.
    Or(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// Each test within may be met by another span of the trace.
    Trace(Box<Expression>),
    /// One test.
    Test(Test),
}

/// A field and what it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What is looked at.
    pub field: Field,
    /// What it is to be.
    pub check: Check,
}

/// What a test looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A text of the span: the name of the column.
    Column(&'static str),
    /// How long the span took.
    Duration,
    /// How long the message that the span processes was in its queue.
    Lag,
    /// An attribute of the span or, where that has none, of its resource.
    Attribute(String),
    /// An attribute of the span alone.
    Span(String),
    /// An attribute of the resource alone.
    Resource(String),
    /// An attribute of one of the events; `name` is the event's name.
    Event(String),
    /// An attribute of one of the links; `trace_id` and `span_id` are where it leads.
    Link(String),
}

/// What a field is to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// There.
    Exists,
    /// In this relation to a value.
    Compare(Op, Value),
    /// One of these.
    In(Vec<Value>),
}

/// A relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Op {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    MatchesNot,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// In quotes, or a bare word.
    Text(String),
    /// As it was typed: SQL reads it as a decimal, so no digit is lost.
    Number(String),
    /// Nanoseconds, and how it was typed.
    Duration(i64, String),
}
