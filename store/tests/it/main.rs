//! The store from outside: one behaviour a file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::too_many_lines, reason = "stories and snapshots are long")]

mod bad_requests;
mod baton;
mod command_line;
mod critical_path;
mod doctor;
mod documentation;
mod duplicates;
mod every_field;
mod find_traces;
mod formats;
mod held_stores;
mod hops;
mod ingest_function;
mod json_requests;
mod kill_nine;
mod odd_arguments;
mod odd_times;
mod open_errors;
mod picture;
mod picture_of_odd_spans;
mod random_workflows;
mod search;
mod serving;
mod spans;
mod sql_api;
mod story;
mod support;
mod waterfall;
mod waterfall_of_bad_data;
