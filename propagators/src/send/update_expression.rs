//! One more assignment in an update expression.
//!
//! Grammar: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>. Each clause
//! may come once, so an expression that has a `SET` gets the assignment there.

/// What stands for `_trace`.
pub(super) const NAME: &str = "#batonTrace";
/// What stands for its value.
pub(super) const VALUE: &str = ":batonTrace";

/// The expression, with an assignment of `_trace` in its `SET` clause. Nothing of it goes: it only gets longer.
pub(super) fn with_trace(expression: &str) -> String {
    let assignment = format!("{NAME} = {VALUE}");
    match after_set(expression).and_then(|end| expression.split_at_checked(end)) {
        Some((before, after)) => format!("{before} {assignment},{after}"),
        None if expression.trim().is_empty() => format!("{expression}SET {assignment}"),
        None => format!("{expression} SET {assignment}"),
    }
}

/// Where the keyword `SET` ends. It is a reserved word, so that no attribute stands there under this name, but a
/// placeholder may end in it.
fn after_set(expression: &str) -> Option<usize> {
    let mut start = None;
    for (index, char) in expression.char_indices().chain([(expression.len(), ' ')]) {
        let in_word = char.is_alphanumeric() || matches!(char, '_' | '#' | ':' | '.' | '-');
        match start {
            None if in_word => start = Some(index),
            Some(from) if !in_word => {
                if expression.get(from..index)?.eq_ignore_ascii_case("SET") {
                    return Some(index);
                }
                start = None;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::with_trace;

    #[track_caller]
    fn check(expression: &str, expected: &str) {
        let text = with_trace(expression).replace("#batonTrace = :batonTrace", "<T>");
        assert_eq!(text, expected);
    }

    #[test]
    fn each_clause_stays_one() {
        check("", "SET <T>");
        check("SET a = :a", "SET <T>, a = :a");
        check(
            "set #set = :set, b=:b REMOVE c",
            "set <T>, #set = :set, b=:b REMOVE c",
        );
        check("REMOVE a SET b = :b", "REMOVE a SET <T>, b = :b");
        check("REMOVE #SET, a.#set[0] ", "REMOVE #SET, a.#set[0]  SET <T>");
        check("\n\t", "\n\tSET <T>");
        check("ADD offset :set", "ADD offset :set SET <T>");
        check(
            "\tSET\n  a = if_not_exists(a, :a)",
            "\tSET <T>,\n  a = if_not_exists(a, :a)",
        );
    }
}
