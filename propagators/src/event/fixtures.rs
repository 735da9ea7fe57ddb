//! Every event that we have: those of `tests/fixtures/events`, and all that the crate `aws_lambda_events` ships.

use std::{fmt::Write, fs, path::PathBuf};

use expect_test::expect_file;

use super::{Event, Reader, Trigger, tests::summary};

/// The files of a folder, by name.
fn all(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files
        .iter()
        .map(|path| (name(path), fs::read(path).unwrap()))
        .collect()
}

/// One realistic event, or more, for each row of the table in docs/propagation.md.
#[test]
fn every_source() {
    let mut text = String::new();
    let events = all("events");
    for (name, event) in &events {
        writeln!(text, "# {name}\n{}", summary(&Event::parse(event))).unwrap();
    }
    expect_file!["../../tests/fixtures/events.txt"].assert_eq(&text);
}

/// Recognised as what it is, or honestly unknown: responses, parts of events, and CloudTrail's own records are no events.
#[test]
fn all_of_aws_lambda_events() {
    let events = all("aws_lambda_events");
    assert_eq!(events.len(), 173);
    let mut text = String::new();
    for (name, event) in &events {
        let event = Event::parse(event);
        let name = name.strip_prefix("example-").unwrap();
        write!(text, "{name}: {}", event.trigger).unwrap();
        match event.records.len() {
            0 => {}
            1 => text.push_str(", 1 record"),
            many => write!(text, ", {many} records").unwrap(),
        }
        text.push('\n');
    }
    expect_file!["../../tests/fixtures/aws_lambda_events.txt"].assert_eq(&text);
}

/// Looking more closely changes what is told about bodies, and nothing else.
#[test]
fn thorough_is_the_same() {
    for (name, text) in all("events").into_iter().chain(all("aws_lambda_events")) {
        let event = Event::parse(&text);
        let thorough = Reader::default().thorough().read(&text);
        assert_eq!(summary(&thorough), summary(&event), "{name}");
    }
}

/// An event is one whole value. One that breaks off anywhere is none, and never panics.
#[test]
fn every_prefix() {
    for (name, text) in all("events") {
        let text = text.trim_ascii_end();
        for end in (0..text.len()).step_by(7).chain([text.len() - 1]) {
            let event = Event::parse(&text[..end]);
            assert_eq!(
                (event.trigger, event.records.len()),
                (Trigger::Other, 0),
                "{name} {end}"
            );
        }
    }
}
