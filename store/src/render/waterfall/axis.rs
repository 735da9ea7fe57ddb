//! Time on the horizontal: where an instant stands, and where the labels.

use super::duration::humanise;
use super::line::Line;

/// A cell is drawn in eighths.
const EIGHTHS: usize = 8;
/// Labels closer than this read badly.
const TICK_COLUMNS: usize = 9;

/// The time axis of a picture.
#[derive(Debug)]
pub(super) struct Axis {
    start_ns: i64,
    total_ns: i64,
    pub(super) columns: usize,
}

impl Axis {
    pub(super) fn new(lines: &[Line], columns: usize) -> Self {
        let start_ns = lines
            .iter()
            .map(|line| line.start_time_ns)
            .min()
            .unwrap_or(0);
        let end_ns = lines.iter().map(Line::end_time_ns).max().unwrap_or(0);
        Self {
            start_ns,
            total_ns: end_ns.saturating_sub(start_ns).max(1),
            columns,
        }
    }

    /// Which eighth of a column an instant falls into.
    fn eighth(&self, time_ns: i64) -> usize {
        let all = self.columns * EIGHTHS;
        let since = i128::from(time_ns.saturating_sub(self.start_ns).max(0));
        let eighth = since * i128::try_from(all).unwrap_or(0) / i128::from(self.total_ns);
        usize::try_from(eighth).unwrap_or(all).min(all)
    }

    /// For each column the eighths that the runs cover, the lowest bit leftmost. The shortest run still shows.
    pub(super) fn cover(&self, runs: &[(i64, i64)]) -> Vec<u8> {
        let mut cells = vec![0_u8; self.columns];
        for (start_ns, duration_ns) in runs {
            let start = self
                .eighth(*start_ns)
                .min((self.columns * EIGHTHS).saturating_sub(1));
            let end = self
                .eighth(start_ns.saturating_add((*duration_ns).max(0)))
                .max(start + 1);
            for eighth in start..end {
                if let Some(cell) = cells.get_mut(eighth / EIGHTHS) {
                    *cell |= 1 << (eighth % EIGHTHS);
                }
            }
        }
        cells
    }

    /// Columns and labels of the round times.
    pub(super) fn ticks(&self) -> Vec<(usize, String)> {
        let step = round_step(
            i128::from(self.total_ns) * i128::try_from(TICK_COLUMNS).unwrap_or(1)
                / i128::try_from(self.columns.max(1)).unwrap_or(1),
        );
        let count = self.total_ns / step;
        let tick = |index| {
            let time_ns = step * index;
            let label = if index == 0 {
                "0".into()
            } else {
                humanise(time_ns)
            };
            (
                self.eighth(self.start_ns.saturating_add(time_ns)) / EIGHTHS,
                label,
            )
        };
        (0..=count)
            .map(tick)
            .filter(|(column, _)| *column < self.columns)
            .collect()
    }
}

/// The next step that people count in: 1, 2, 5 of a unit, then minutes, hours and days.
fn round_step(least_ns: i128) -> i64 {
    const SECOND: i64 = 1_000_000_000;
    let decimal = (0..11)
        .flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i64.pow(power)))
        .filter(|step| *step <= 20 * SECOND);
    let minutes = [30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200]
        .map(|seconds| seconds * SECOND);
    let days = (0..16).map(|power| (86_400 * SECOND).saturating_mul(1 << power));
    decimal
        .chain(minutes)
        .chain(days)
        .find(|step| i128::from(*step) >= least_ns)
        .unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        let steps: Vec<_> = [
            1,
            3,
            130_000_000,
            900_000_000,
            21_000_000_000,
            100_000_000_000,
            100_000_000_000_000,
        ]
        .map(|least| humanise(round_step(least)))
        .into();
        assert_eq!(
            steps,
            ["1 ns", "5 ns", "200 ms", "1 s", "30 s", "2m 00s", "2d 00h"]
        );
    }

    #[test]
    fn nothing_overflows() {
        let line = Line {
            start_time_ns: i64::MIN,
            duration_ns: i64::MAX,
            ..Line::default()
        };
        let late = Line {
            start_time_ns: i64::MAX,
            duration_ns: i64::MAX,
            ..Line::default()
        };
        let axis = Axis::new(&[line, late], 40);
        assert!(!axis.ticks().is_empty());
        assert_eq!(axis.cover(&[(i64::MAX, i64::MAX), (0, -5)]).len(), 40);
        assert!(Axis::new(&[], 0).ticks().is_empty());
    }
}
