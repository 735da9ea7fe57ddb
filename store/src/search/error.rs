//! What is wrong with a search line, and where.

/// A search line that cannot be read. It shows the line with a mark below the character.
#[derive(Debug, thiserror::Error)]
#[error("the search has a mistake at character {}: expected {expected}, found {}\n  {}\n  {}^", column(line, *at) + 1, found(line, *at), shown(line), " ".repeat(column(line, *at)))]
pub struct SearchError {
    /// What was typed.
    pub line: String,
    /// The byte where the mistake begins.
    pub at: usize,
    /// What would fit there.
    pub expected: String,
}

fn column(line: &str, at: usize) -> usize {
    line.get(..at).map_or(0, |before| {
        unicode_width::UnicodeWidthStr::width(shown(before).as_str())
    })
}

/// One line, so that the mark stands below its character.
fn shown(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn found(line: &str, at: usize) -> String {
    let rest = line.get(at..).unwrap_or_default();
    let word: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        .take(40)
        .collect();
    match rest.chars().next() {
        None => "the end".into(),
        Some(first) if word.is_empty() => format!("`{first}`"),
        Some(_) => format!("`{word}`"),
    }
}
