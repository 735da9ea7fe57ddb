//! A workflow as a picture: its tree of spans beside their bars on a time axis.
//!
//! Spans of a message that was sent stand under the function that sent it, after a bar for the wait in the queue.
//! Siblings that do the same thing again and again are one line that counts them.

mod axis;
mod draw;
mod duration;
mod fold;
mod header;
mod label;
mod line;
mod paint;
mod tree;

use anstyle::Style;

pub use duration::humanise;
pub use line::Line;

/// What stands above the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title<'a> {
    /// `trace` or `workflow`.
    pub kind: &'a str,
    /// The trace id.
    pub id: &'a str,
}

/// Draws the lines of `waterfall(id)` in a width. The text holds ANSI styles.
///
/// ```
/// use baton_store::render::waterfall::{Line, Title, draw};
///
/// let line = Line { name: "POST /checkout".into(), service_name: "order-api".into(), duration_ns: 20_000_000, ..Line::default() };
/// let text = draw(&Title { kind: "trace", id: "5b8efff798038103d269b633813fc60c" }, &[line], 100);
/// assert!(text.contains("POST /checkout"));
/// ```
#[must_use]
pub fn draw(title: &Title<'_>, lines: &[Line], width: usize) -> String {
    let forest = fold::fold(tree::grow(lines));
    draw::draw(title, lines, &forest, width)
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
