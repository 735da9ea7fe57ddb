//! `baton-layer`: arguments → configuration → logs → the extension's life.

use std::io::Write as _;
use std::process::ExitCode;

use baton_lambda_layer::{Command, Config, help, ping, run, start_logging};

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let executable = arguments.next().unwrap_or_default();
    match Command::parse(arguments) {
        Command::Help => print(&help()),
        Command::Version => print(concat!("baton-layer ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::Ping => ask_proxy(),
        Command::Run => live(&executable),
        Command::Unknown(argument) => complain(
            &format!(
                "unknown argument `{argument}`: expected `--help`, `--version`, `--ping` or nothing; Lambda starts this program by itself"
            ),
            2,
        ),
    }
}

fn live(executable: &str) -> ExitCode {
    let (config, complaints) = Config::from_env();
    start_logging(config.log);
    for complaint in &complaints {
        tracing::warn!("{complaint}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(config, executable, std::io::stdout()));
            // A name that is still being looked up would hold the process until Lambda kills it.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => {
            return complain(&format!("the event loop could not be started: {error}"), 1);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), 1),
    }
}

fn ask_proxy() -> ExitCode {
    let (config, _complaints) = Config::from_env();
    match ping(&config) {
        Some(address) => print(&format!("{address}\n")),
        None => complain(
            &format!(
                "nobody answers at {} (`BATON_PROXY`): expected the layer's proxy",
                config.proxy
            ),
            1,
        ),
    }
}

// `print!` panics when nobody reads: an extension must not.
fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(sentence: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "baton-layer: {sentence}");
    ExitCode::from(code)
}
