//! Adds up what functions and layers say they made and sent. Each process prints cumulative counts, so its last line holds.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Spans, summed over all environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Spans that ended in functions and layers.
    pub made: u64,
    /// Spans that layers received from functions.
    pub received: u64,
    /// Spans that the receiver acknowledged to layers.
    pub sent: u64,
    /// Spans that layers gave up.
    pub dropped: u64,
}

#[derive(Deserialize)]
struct Line {
    baton: String,
    #[serde(default)]
    made: u64,
    #[serde(default)]
    received: u64,
    #[serde(default)]
    sent: u64,
    #[serde(default)]
    dropped: u64,
}

impl Counts {
    /// Reads all logs under `log_dir`, one file per environment.
    ///
    /// # Errors
    /// A log cannot be read.
    pub fn read(log_dir: &Path) -> Result<Self> {
        let mut sum = Self::default();
        for function in std::fs::read_dir(log_dir)
            .with_context(|| format!("could not read `{}`", log_dir.display()))?
        {
            for log in std::fs::read_dir(function?.path())? {
                sum.add(&std::fs::read_to_string(log?.path())?);
            }
        }
        Ok(sum)
    }

    /// Adds one environment's log. A process that was started again counts from zero: its lines add to those of the one before.
    fn add(&mut self, log: &str) {
        let mut last: [Option<Line>; 2] = [None, None];
        for line in log.lines().filter_map(count_line) {
            let [function, layer] = &mut last;
            let slot = if line.baton == "layer" {
                layer
            } else {
                function
            };
            if slot
                .as_ref()
                .is_some_and(|before| line.made < before.made || line.received < before.received)
            {
                self.close(slot.take());
            }
            *slot = Some(line);
        }
        for line in last {
            self.close(line);
        }
    }

    fn close(&mut self, line: Option<Line>) {
        let Some(line) = line else { return };
        self.made += line.made;
        self.received += line.received;
        self.sent += line.sent;
        self.dropped += line.dropped;
    }
}

fn count_line(line: &str) -> Option<Line> {
    let json = line.split_once(' ').map_or(line, |(_, json)| json);
    json.starts_with("{\"baton\":")
        .then(|| serde_json::from_str(json).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_lines_count_and_restarts_add() {
        let mut counts = Counts::default();
        counts.add(concat!(
            "function {\"baton\":\"function\",\"made\":4}\n",
            "extension {\"baton\":\"layer\",\"made\":0,\"received\":4,\"sent\":4,\"dropped\":0,\"pending\":0}\n",
            "function hello {\"baton\": 1}\n",
            "function {\"baton\":\"function\",\"made\":9}\n",
            "extension {\"baton\":\"layer\",\"made\":0,\"received\":9,\"sent\":8,\"dropped\":1,\"pending\":0}\n",
            "function {\"baton\":\"function\",\"made\":2}\n",
        ));
        assert_eq!(
            counts,
            Counts {
                made: 11,
                received: 9,
                sent: 8,
                dropped: 1
            }
        );
    }
}
