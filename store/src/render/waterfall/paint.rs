//! Bars, in characters and colours.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::DIM;

/// What a bar says by its looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bar {
    /// Work.
    Solid,
    /// A wait in a queue.
    Wait,
}

/// Red belongs to errors.
const PALETTE: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Yellow,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::BrightCyan,
];
pub(super) const ERROR: Style = AnsiColor::Red.on_default();

/// The colour of the service that appeared as number `index`.
pub(super) fn service_style(index: usize) -> Style {
    PALETTE
        .iter()
        .cycle()
        .nth(index % PALETTE.len())
        .map_or(Style::new(), |color| color.on_default())
}

/// A bar over the columns of `cells`; thin lines stand at `ticks` where there is nothing else.
pub(super) fn bar(cells: &[u8], ticks: &[usize], looks: Bar, style: Style) -> String {
    let last = cells
        .iter()
        .rposition(|cell| *cell != 0)
        .or(ticks.last().copied())
        .unwrap_or(0)
        .max(ticks.last().copied().unwrap_or(0));
    let mut out = String::new();
    let mut open: Option<Style> = None;
    for (column, cell) in cells.iter().enumerate().take(last + 1) {
        let (wanted, character) = match (*cell, looks) {
            (0, _) if ticks.contains(&column) => (Some(DIM), '┊'),
            (0, _) => (None, ' '),
            (_, Bar::Wait) => (Some(style), '░'),
            (cell, Bar::Solid) => (Some(style), block(cell)),
        };
        if wanted != open {
            switch(&mut out, open, wanted);
            open = wanted;
        }
        out.push(character);
    }
    switch(&mut out, open, None);
    out
}

fn switch(out: &mut String, from: Option<Style>, to: Option<Style>) {
    // Writing to a String cannot fail.
    if let Some(from) = from {
        let _ = write!(out, "{from:#}");
    }
    if let Some(to) = to {
        let _ = write!(out, "{to}");
    }
}

/// The character that comes closest to the covered eighths of a cell.
fn block(cell: u8) -> char {
    let covered = cell.count_ones();
    let is_right = cell & 0x80 != 0 && cell & 1 == 0;
    match covered {
        8 => '█',
        4.. if is_right => '▐',
        1.. if is_right => '▕',
        7 => '▉',
        6 => '▊',
        5 => '▋',
        4 => '▌',
        3 => '▍',
        2 => '▎',
        _ => '▏',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(cells: &[u8], ticks: &[usize], looks: Bar) -> String {
        anstream::adapter::strip_str(&bar(cells, ticks, looks, ERROR)).to_string()
    }

    #[test]
    fn bars() {
        assert_eq!(
            plain(&[0, 0b1111_0000, 0xff, 0b111, 0], &[0, 4], Bar::Solid),
            "┊▐█▍┊"
        );
        assert_eq!(plain(&[0, 1, 0x80, 0, 0], &[], Bar::Wait), " ░░");
        assert_eq!(plain(&[0x80, 0xff, 1], &[], Bar::Solid), "▕█▏");
        assert_eq!(plain(&[], &[], Bar::Solid), "");
    }
}
