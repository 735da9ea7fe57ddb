//! `baton`: takes spans in and answers questions about them.

mod arguments;
mod ask;
mod doctor;
mod failure;
mod picture;
mod prompt;
mod questions;
mod search;
mod serve;

use std::process::ExitCode;

use arguments::{Arguments, Command, with_comments};
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse_from(with_comments(std::env::args_os())).command {
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Sql(arguments) => ask::run(arguments).await,
        Command::Search(arguments) => search::run(arguments).await,
        Command::Doctor(arguments) => doctor::run(arguments).await,
        Command::Trace(arguments) => picture::trace(arguments).await,
        Command::Workflow(arguments) => picture::workflow(arguments).await,
    };
    failure::report(result)
}
