//! `baton-inspect`: what Baton sees in a Lambda event, and why a trace breaks.

mod advice;
mod arguments;
mod report;
mod text;

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail};
use baton_propagators::event::{ClientContext, Invocation, Reader};
use clap::Parser as _;
use serde::de::IgnoredAny;

use arguments::{Arguments, Format};
use report::Report;

/// Lambda takes 6 MB.
const MAX_BYTES: u64 = 64 << 20;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("baton-inspect: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (name, body) = read(&arguments.file)?;
    // The library reads leniently, and calls what it cannot read unknown. Here the reason is worth a line.
    serde_json::from_slice::<IgnoredAny>(&body).with_context(|| {
        format!("{name} is no JSON, expected the event that Lambda hands to the function")
    })?;

    let mut invocation = Invocation::new(&body);
    invocation.client_context = arguments.client_context.as_deref().map(ClientContext::Json);
    invocation.trace_header = arguments.trace_header.as_deref();
    let reader = Reader::new(arguments.propagators).thorough();
    let report = Report::new(&reader.invocation(&invocation));

    let output = match arguments.format {
        Format::Text => report.to_string(),
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
    };
    match io::stdout().write_all(output.as_bytes()) {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("could not write the report"),
    }
}

fn read(file: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let mut body = Vec::new();
    let (name, result) = if file == Path::new("-") {
        let input = io::stdin().lock();
        (
            "standard input".to_owned(),
            input.take(MAX_BYTES + 1).read_to_end(&mut body),
        )
    } else {
        let open = File::open(file);
        let read = open.and_then(|input| input.take(MAX_BYTES + 1).read_to_end(&mut body));
        (format!("`{}`", file.display()), read)
    };
    result.with_context(|| format!("could not read {name}"))?;
    if body.len() as u64 > MAX_BYTES {
        bail!("{name} is larger than 64 MiB, expected an event; Lambda takes 6 MB");
    }
    Ok((name, body))
}
