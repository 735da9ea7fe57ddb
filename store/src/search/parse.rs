//! The grammar.

use winnow::ascii::{Caseless, multispace0};
use winnow::combinator::{
    alt, cut_err, delimited, eof, not, opt, preceded, repeat, separated, terminated,
};
use winnow::error::{ContextError, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, one_of, take_while};

use super::error::SearchError;
use super::expression::{Check, Expression, Field, Op, Test, Value};
use crate::moment::parse_duration;

type Input<'a> = LocatingSlice<&'a str>;

/// More than anybody types; it bounds the stack that reading takes.
const DEEPEST: usize = 200;

/// Reads a search line.
///
/// ```
/// use baton_store::search::{Expression, parse};
///
/// assert!(matches!(parse(r#"user.id = "usr_12345" AND http.status_code = 500"#)?, Expression::And(tests) if tests.len() == 2));
/// let error = parse("user.id = ").unwrap_err();
/// assert_eq!((error.at, error.expected.as_str()), (10, "a value: `\"text\"`, `500`, `1.5s`, `true` or a word"));
/// # Ok::<(), baton_store::search::SearchError>(())
/// ```
///
/// # Errors
/// Where the line goes wrong, and what was expected there.
pub fn parse(line: &str) -> Result<Expression, SearchError> {
    let refuse = |at, expected: &str| SearchError {
        line: line.into(),
        at,
        expected: expected.into(),
    };
    if let Some(at) = too_deep(line) {
        return Err(refuse(at, "no more than 200 parentheses within each other"));
    }
    let mut whole = delimited(multispace0, search, expected(eof, "`AND`, `OR` or the end"));
    whole.parse(LocatingSlice::new(line)).map_err(|error| {
        let described = error.inner().context().find_map(|context| match context {
            StrContext::Expected(StrContextValue::Description(text)) => Some(*text),
            _ => None,
        });
        refuse(error.offset(), described.unwrap_or("a condition"))
    })
}

fn too_deep(line: &str) -> Option<usize> {
    let mut depth = 0_usize;
    line.char_indices().find_map(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth > DEEPEST).then_some(at)
    })
}

/// From here on there is no other way to read it.
fn expected<'a, O>(
    parser: impl ModalParser<Input<'a>, O, ContextError>,
    what: &'static str,
) -> impl ModalParser<Input<'a>, O, ContextError> {
    cut_err(parser).context(StrContext::Expected(StrContextValue::Description(what)))
}

fn token<'a, O>(
    parser: impl ModalParser<Input<'a>, O, ContextError>,
) -> impl ModalParser<Input<'a>, O, ContextError> {
    terminated(parser, multispace0)
}

fn keyword<'a>(word: &'static str) -> impl ModalParser<Input<'a>, (), ContextError> {
    token((Caseless(word), not(one_of(is_name_character))).void())
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '@')
}

fn search(input: &mut Input<'_>) -> ModalResult<Expression> {
    let all: Vec<Expression> = separated(1.., and, keyword("OR")).parse_next(input)?;
    Ok(one_or(all, Expression::Or))
}

fn and(input: &mut Input<'_>) -> ModalResult<Expression> {
    let all: Vec<Expression> = separated(1.., negation, keyword("AND")).parse_next(input)?;
    Ok(one_or(all, Expression::And))
}

fn one_or(mut all: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    if all.len() > 1 {
        return join(all);
    }
    all.pop().unwrap_or_else(|| join(Vec::new()))
}

fn negation(input: &mut Input<'_>) -> ModalResult<Expression> {
    // Two in a row say nothing.
    let times: usize = repeat(0.., keyword("NOT"))
        .fold(|| 0, |times, ()| times + 1)
        .parse_next(input)?;
    let inner = primary.parse_next(input)?;
    Ok(if times.is_multiple_of(2) {
        inner
    } else {
        Expression::Not(Box::new(inner))
    })
}

fn primary(input: &mut Input<'_>) -> ModalResult<Expression> {
    let group = || {
        preceded(
            token('('),
            terminated(search, expected(token(')'), "`AND`, `OR` or `)`")),
        )
    };
    let trace = preceded(
        (token(Caseless("trace")), winnow::combinator::peek('(')),
        group(),
    )
    .map(|inner| Expression::Trace(Box::new(inner)));
    expected(alt((group(), trace, exists, test)), "a condition such as `user.id = \"usr_1\"`, `duration > 1s`, `EXISTS user.id`, `NOT` or `(`").parse_next(input)
}

fn exists(input: &mut Input<'_>) -> ModalResult<Expression> {
    let field = preceded(
        keyword("EXISTS"),
        expected(token(field), "the name of an attribute"),
    );
    field
        .map(|field| {
            Expression::Test(Test {
                field,
                check: Check::Exists,
            })
        })
        .parse_next(input)
}

fn test(input: &mut Input<'_>) -> ModalResult<Expression> {
    let field = token(field).parse_next(input)?;
    let is_negated = opt(keyword("NOT")).parse_next(input)?.is_some();
    if opt(keyword("IN")).parse_next(input)?.is_some() {
        let list = delimited(
            expected(token('('), "`(` and a list of values"),
            separated(1.., value_of(&field), token(',')),
            expected(token(')'), "`,` or `)`"),
        );
        let inside = list.map(Check::In).parse_next(input)?;
        let test = Expression::Test(Test {
            field: field.clone(),
            check: inside,
        });
        return Ok(if is_negated {
            Expression::Not(Box::new(test))
        } else {
            test
        });
    }
    let op = expected(
        token(op),
        if is_negated {
            "`IN`"
        } else {
            "`=`, `!=`, `<`, `<=`, `>`, `>=`, `=~`, `!~` or `IN`"
        },
    );
    let op = op.verify(move |_| !is_negated).parse_next(input)?;
    let value = value_of(&field).parse_next(input)?;
    Ok(Expression::Test(Test {
        field,
        check: Check::Compare(op, value),
    }))
}

fn op(input: &mut Input<'_>) -> ModalResult<Op> {
    alt((
        "=~".value(Op::Matches),
        "!~".value(Op::MatchesNot),
        "!=".value(Op::NotEqual),
        "<=".value(Op::LessOrEqual),
        ">=".value(Op::GreaterOrEqual),
        "==".value(Op::Equal),
        "=".value(Op::Equal),
        "<".value(Op::Less),
        ">".value(Op::Greater),
    ))
    .parse_next(input)
}

fn field(input: &mut Input<'_>) -> ModalResult<Field> {
    let quoted = quoted.map(Field::Attribute);
    let first = one_of(|c: char| c.is_alphabetic() || c == '_');
    let bare = (first, take_while(0.., is_name_character))
        .take()
        .map(named);
    alt((quoted, bare)).parse_next(input)
}

fn named(name: &str) -> Field {
    const COLUMNS: [(&str, &str); 9] = [
        ("service", "service_name"),
        ("service_name", "service_name"),
        ("name", "name"),
        ("kind", "kind"),
        ("status", "status_code"),
        ("status_code", "status_code"),
        ("status_message", "status_message"),
        ("trace_id", "trace_id"),
        ("span_id", "span_id"),
    ];
    if let Some((_, column)) = COLUMNS.iter().find(|(known, _)| *known == name) {
        return Field::Column(column);
    }
    match (name, name.split_once('.')) {
        ("duration", _) => Field::Duration,
        ("lag", _) => Field::Lag,
        (_, Some(("span", key))) => Field::Span(key.into()),
        (_, Some(("resource", key))) => Field::Resource(key.into()),
        (_, Some(("event", key))) => Field::Event(key.into()),
        (_, Some(("link", key))) => Field::Link(key.into()),
        _ => Field::Attribute(name.into()),
    }
}

/// A value that its field can be compared with.
fn value_of<'a>(field: &Field) -> impl ModalParser<Input<'a>, Value, ContextError> + use<'a> {
    let (fits, what): (fn(&Value) -> bool, _) = match field {
        Field::Duration | Field::Lag => (
            |value| matches!(value, Value::Duration(..)),
            "a duration: `250ms`, `1.5s` or `2m`",
        ),
        Field::Column("kind") => (
            |value| is_one_of(value, &KINDS),
            "`SERVER`, `CLIENT`, `PRODUCER`, `CONSUMER`, `INTERNAL` or `UNSPECIFIED`",
        ),
        Field::Column("status_code") => (
            |value| is_one_of(value, &["OK", "ERROR", "UNSET"]),
            "`OK`, `ERROR` or `UNSET`",
        ),
        _ => (
            |_| true,
            "a value: `\"text\"`, `500`, `1.5s`, `true` or a word",
        ),
    };
    expected(token(value).verify(fits), what)
}

const KINDS: [&str; 6] = [
    "SERVER",
    "CLIENT",
    "PRODUCER",
    "CONSUMER",
    "INTERNAL",
    "UNSPECIFIED",
];

fn is_one_of(value: &Value, words: &[&str]) -> bool {
    matches!(value, Value::Text(text) if words.iter().any(|word| word.eq_ignore_ascii_case(text)))
}

fn value(input: &mut Input<'_>) -> ModalResult<Value> {
    alt((quoted.map(Value::Text), word.map(classify))).parse_next(input)
}

fn word<'a>(input: &mut Input<'a>) -> ModalResult<&'a str> {
    take_while(1.., |c: char| {
        is_name_character(c) || matches!(c, ':' | '*' | '+' | '%' | '$')
    })
    .parse_next(input)
}

fn classify(word: &str) -> Value {
    let is_number = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".+-eE".contains(&byte))
        && word.parse::<f64>().is_ok_and(f64::is_finite);
    if is_number {
        return Value::Number(word.into());
    }
    let duration =
        parse_duration(word).and_then(|duration| i64::try_from(duration.as_nanos()).ok());
    duration.map_or_else(
        || Value::Text(word.into()),
        |nanos| Value::Duration(nanos, word.into()),
    )
}

/// In double or single quotes; a backslash before a quote or a backslash takes it as it is.
fn quoted(input: &mut Input<'_>) -> ModalResult<String> {
    let quote = one_of(['"', '\'']).parse_next(input)?;
    let character = alt((
        preceded('\\', one_of(['"', '\'', '\\'])),
        any.verify(move |c: &char| *c != quote),
    ));
    let text = repeat(0.., character).fold(String::new, |mut text, c: char| {
        text.push(c);
        text
    });
    terminated(
        text,
        expected(one_of(move |c| c == quote), "the closing quote"),
    )
    .parse_next(input)
}
