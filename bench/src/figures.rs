//! The figures of one bench: a table for people, a flat JSON object for machines.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Map, Value, json};

/// All figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Figure>);

#[derive(Debug)]
struct Figure {
    metric: &'static str,
    samples: Vec<f64>,
    target: Option<&'static str>,
}

impl Figures {
    /// Adds a figure; its median counts.
    pub(crate) fn add(
        &mut self,
        metric: &'static str,
        mut samples: Vec<f64>,
        target: Option<&'static str>,
    ) {
        samples.sort_by(f64::total_cmp);
        self.0.push(Figure {
            metric,
            samples,
            target,
        });
    }

    pub(crate) fn print(&self) {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .set_header(["metric", "median", "min", "max", "runs", "target"]);
        for figure in &self.0 {
            let [low, middle, high] = figure.spread();
            let count = figure.samples.len().to_string();
            table.add_row([
                figure.metric,
                &show(middle),
                &show(low),
                &show(high),
                &count,
                figure.target.unwrap_or("–"),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("{table}");
    }

    /// Writes `target/bench/NAME.json`.
    pub(crate) fn write(&self, name: &str) -> Result<()> {
        let mut object = Map::new();
        for figure in &self.0 {
            let [_, middle, _] = figure.spread();
            object.insert(figure.metric.to_owned(), json!(middle));
        }
        object.insert("machine".to_owned(), Value::String(machine()));
        object.insert(
            "date".to_owned(),
            Value::String(time::OffsetDateTime::now_utc().date().to_string()),
        );
        object.insert("commit".to_owned(), Value::String(commit()));
        let dir = Path::new("target/bench");
        std::fs::create_dir_all(dir)
            .with_context(|| format!("could not create `{}`", dir.display()))?;
        let path = dir.join(format!("{name}.json"));
        std::fs::write(&path, serde_json::to_string_pretty(&object)? + "\n")?;
        println!("written to {}", path.display());
        Ok(())
    }
}

impl Figure {
    /// Smallest, middle and largest sample.
    fn spread(&self) -> [f64; 3] {
        let at = |index: usize| self.samples.get(index).copied().unwrap_or(f64::NAN);
        [
            at(0),
            at(self.samples.len() / 2),
            at(self.samples.len().saturating_sub(1)),
        ]
    }
}

fn show(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn machine() -> String {
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, {model}")
}

fn commit() -> String {
    let output = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
