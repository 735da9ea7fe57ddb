//! Text that a terminal can take: one line, no control characters, no wider than asked.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// One line without control characters: attribute values come from anywhere and must not drive the terminal.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' | ' ' if line.ends_with(' ') => {}
            '\n' | '\r' | '\t' => line.push(' '),
            character => line.push(shown(character)),
        }
    }
    line
}

/// Text of several lines that cannot drive a terminal.
///
/// ```
/// assert_eq!(baton_store::render::harmless("no\n\u{1b}[2J such"), "no\n\u{fffd}[2J such");
/// ```
#[must_use]
pub fn harmless(text: &str) -> String {
    let keep = |character| matches!(character, '\n' | '\t');
    text.chars()
        .map(|character| {
            if keep(character) {
                character
            } else {
                shown(character)
            }
        })
        .collect()
}

fn shown(character: char) -> char {
    match character {
        // Marks that turn the direction of text around hide what stands there.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

/// The start of `text` in at most `columns` columns; `…` tells that there was more.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.into();
    }
    let mut left = columns.saturating_sub(1);
    let mut start: String = text
        .chars()
        .take_while(|character| {
            let wide = character.width().unwrap_or(0);
            let fits = wide <= left;
            left = if fits { left - wide } else { 0 };
            fits
        })
        .collect();
    if columns > 0 {
        start.truncate(start.trim_end().len());
        start.push('…');
    }
    start
}

/// Parts one after another, in as many lines as the width asks for.
pub(super) fn flow(parts: &[impl AsRef<str>], separator: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for part in parts.iter().map(|part| cut(part.as_ref(), columns)) {
        let fits = used + width(separator) + width(&part) <= columns;
        out.push_str(match used {
            0 => "",
            _ if fits => separator,
            _ => "\n",
        });
        used = if used > 0 && fits {
            used + width(separator) + width(&part)
        } else {
            width(&part)
        };
        out.push_str(&part);
    }
    out
}

/// `text` with blanks after it, up to `columns` columns.
pub(super) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// `text` with blanks before it, up to `columns` columns.
pub(super) fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(one_line("SELECT a\n\t FROM b"), "SELECT a FROM b");
        assert_eq!(one_line("\u{1b}[31mred\u{7}"), "\u{fffd}[31mred\u{fffd}");
        assert_eq!(one_line("a\u{202e}b"), "a\u{fffd}b");
    }

    #[test]
    fn cuts_by_columns() {
        assert_eq!(cut("orders", 6), "orders");
        assert_eq!(cut("orders", 5), "orde…");
        assert_eq!(cut("a bc", 3), "a…");
        assert_eq!(cut("注文注文", 5), "注文…");
        assert_eq!(cut("注文注文", 4), "注…");
        assert_eq!(cut("x", 0), "");
        assert_eq!(pad("注", 3), "注 ");
        assert_eq!(flow(&["one", "two", "three"], " · ", 9), "one · two\nthree");
    }
}
