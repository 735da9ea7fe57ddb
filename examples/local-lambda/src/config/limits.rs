//! The limits that Lambda documents: what works here can be deployed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Config, FunctionConfig, Relay, SqsMapping};

/// A configuration that Lambda would not take either.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{subject} has `{field}` = `{value}`, expected {expected}")]
#[non_exhaustive]
pub struct ConfigError {
    /// What is wrong: a function, or the whole configuration.
    pub subject: String,
    /// The setting.
    pub field: &'static str,
    /// What it was set to.
    pub value: String,
    /// What Lambda accepts.
    pub expected: &'static str,
}

impl Config {
    /// Holds the configuration against Lambda's documented limits.
    ///
    /// # Errors
    ///
    /// The first setting that is out of its limits.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |field, value: &dyn ToString, expected| ConfigError {
            subject: "the configuration".to_owned(),
            field,
            value: value.to_string(),
            expected,
        };
        if self.functions.is_empty() {
            return Err(wrong("function", &"", "at least one function"));
        }
        if self.account_id.len() != 12 || !self.account_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong("account_id", &self.account_id, "twelve digits"));
        }
        if !self.listen.ip().is_loopback() {
            return Err(wrong(
                "listen",
                &self.listen,
                "a loopback address: whoever reaches it runs your functions",
            ));
        }
        let mut names = BTreeSet::new();
        for function in &self.functions {
            function.check()?;
            if !names.insert(function.name.as_str()) {
                return Err(wrong(
                    "name",
                    &function.name,
                    "a different name for each function",
                ));
            }
        }
        Ok(())
    }
}

impl FunctionConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |field, value: &dyn ToString, expected| ConfigError {
            subject: format!("function `{}`", self.name),
            field,
            value: value.to_string(),
            expected,
        };
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(letters) {
            return Err(wrong(
                "name",
                &self.name,
                "1 to 64 letters, digits, `-` or `_`",
            ));
        }
        if self.command.first().is_none_or(String::is_empty) {
            let expected = "a program and its arguments, such as [\"./bootstrap\"]";
            return Err(wrong("command", &self.command.join(" "), expected));
        }
        if !(128..=10_240).contains(&self.memory_mb) {
            return Err(wrong("memory_mb", &self.memory_mb, "128 to 10240"));
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(900) {
            return Err(wrong(
                "timeout",
                &format!("{:?}", self.timeout),
                "more than zero, at most `900s`",
            ));
        }
        if self.init_timeout.is_zero() {
            return Err(wrong(
                "init_timeout",
                &"0s",
                "more than zero, such as `10s`",
            ));
        }
        if !(1..=1_000).contains(&self.concurrency) {
            return Err(wrong("concurrency", &self.concurrency, "1 to 1000"));
        }
        if let Some(most) = self.initialization.managed()
            && !(1..=1_600).contains(&most)
        {
            return Err(wrong("managed_instances", &most, "1 to 1600"));
        }
        self.sqs
            .iter()
            .try_for_each(|mapping| mapping.check(&self.name))
    }
}

impl SqsMapping {
    /// The limits of <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
    fn check(&self, function: &str) -> Result<(), ConfigError> {
        let wrong = |field, value: &dyn ToString, expected| ConfigError {
            subject: format!("queue `{}` of function `{function}`", self.queue_url),
            field,
            value: value.to_string(),
            expected,
        };
        if !self.queue_url.starts_with("http://") && !self.queue_url.starts_with("https://") {
            let expected = "the queue's URL, such as `http://127.0.0.1:4566/000000000000/orders`";
            return Err(wrong("queue_url", &self.queue_url, expected));
        }
        if !(1..=10_000).contains(&self.batch_size) {
            return Err(wrong("batch_size", &self.batch_size, "1 to 10000"));
        }
        if self.relay != Relay::None && self.report_batch_item_failures {
            let expected = "`false`: a topic or a bus sends one event at a time";
            return Err(wrong("report_batch_item_failures", &true, expected));
        }
        if self.is_fifo() && self.batch_size > 10 {
            return Err(wrong(
                "batch_size",
                &self.batch_size,
                "1 to 10 for a FIFO queue",
            ));
        }
        if self.window > Duration::from_secs(300) {
            return Err(wrong(
                "window",
                &format!("{:?}", self.window),
                "at most `300s`",
            ));
        }
        if self.is_fifo() && !self.window.is_zero() {
            return Err(wrong(
                "window",
                &format!("{:?}", self.window),
                "no window for a FIFO queue",
            ));
        }
        if self.batch_size > 10 && self.window < Duration::from_secs(1) {
            let expected = "at least `1s` when `batch_size` is more than 10";
            return Err(wrong("window", &format!("{:?}", self.window), expected));
        }
        match self.maximum_concurrency {
            Some(most) if !(2..=1_000).contains(&most) => Err(wrong(
                "maximum_concurrency",
                &most,
                "2 to 1000 (for one at a time set the function's `concurrency`)",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
