//! The few arguments: Lambda gives none, people ask for help.

use std::fmt::Write as _;

use crate::config::VARIABLES;

/// What the command line asks for.
///
/// ```
/// use baton_lambda_layer::Command;
/// assert_eq!(Command::parse([].into_iter()), Command::Run);
/// assert_eq!(Command::parse(["--x".to_owned()].into_iter()), Command::Unknown("--x".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Be the extension.
    Run,
    /// Print [`help`].
    Help,
    /// Print the version.
    Version,
    /// Print the proxy's address if it answers: what the exec wrapper asks before it leads a runtime there.
    Ping,
    /// Anything else, with the argument that nobody knows.
    Unknown(String),
}

impl Command {
    /// Reads the arguments after the program's name.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let Some(first) = arguments.next() else {
            return Self::Run;
        };
        let known = match first.as_str() {
            "--help" | "-h" => Self::Help,
            "--version" | "-V" => Self::Version,
            "--ping" => Self::Ping,
            _ => return Self::Unknown(first),
        };
        arguments.next().map_or(known, Self::Unknown)
    }
}

/// The text of `--help`: what this is, and every variable with its default.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "baton-layer: the Lambda extension that traces a function, takes its spans on loopback, and sends them on\n\n\
         Lambda starts it from /opt/extensions; on a laptop, `local-lambda run --opt DIR` does.\n\n\
         Usage: baton-layer [--help | --version | --ping]\n\n  \
         --ping  print the address of the Runtime API proxy if it answers; the exec wrapper asks\n\nEnvironment:\n",
    );
    for variable in VARIABLES {
        let default = if variable.default.is_empty() {
            "none"
        } else {
            variable.default
        };
        let _ = writeln!(
            text,
            "  {} [default: {default}]\n      {}",
            variable.name, variable.meaning
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for (given, expected) in [
            (vec![], Command::Run),
            (vec!["--help"], Command::Help),
            (vec!["-h"], Command::Help),
            (vec!["--version"], Command::Version),
            (vec!["serve"], Command::Unknown("serve".to_owned())),
            (vec!["--help", "me"], Command::Unknown("me".to_owned())),
        ] {
            let parsed = Command::parse(given.iter().map(ToString::to_string));
            assert_eq!(parsed, expected, "{given:?}");
        }
    }

    #[test]
    fn help_names_every_variable() {
        let help = help();
        for variable in VARIABLES {
            assert!(help.contains(variable.name), "{}", variable.name);
        }
    }
}
