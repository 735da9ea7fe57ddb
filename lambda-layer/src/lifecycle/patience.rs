//! Calls to Lambda that are repeated until they succeed: an extension that gives up ends the environment, one that asks too often
//! takes the function's processor.

use std::time::Duration;

use reqwest::Client;

use super::RunError;
use crate::extensions_api::{ApiError, Event, ExtensionsApi};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Refused connections in a row after which the environment is gone: about a minute. In Lambda this does not happen.
const GONE_AFTER: u32 = 64;

pub(super) async fn register(
    client: Client,
    host: &str,
    name: &str,
    events: &[&str],
) -> Result<ExtensionsApi, RunError> {
    let mut patience = Patience::default();
    loop {
        match ExtensionsApi::register(client.clone(), host, name, events).await {
            Ok(api) => return Ok(api),
            Err(error) if error.is_final() => {
                tracing::error!("{error}; the layer stays idle");
                return std::future::pending().await;
            }
            Err(error) => patience.after(&error, host).await?,
        }
    }
}

/// Waits for the next event.
pub(super) async fn next(api: ExtensionsApi, host: String) -> Result<Event, RunError> {
    let mut patience = Patience::default();
    loop {
        match api.next().await {
            Ok(event) => return Ok(event),
            Err(error) => patience.after(&error, &host).await?,
        }
    }
}

#[derive(Debug, Default)]
struct Patience {
    failures: u32,
    unreachable: u32,
}

impl Patience {
    /// Pauses after a failure; the first of a row is logged.
    async fn after(&mut self, error: &ApiError, host: &str) -> Result<(), RunError> {
        if self.failures == 0 {
            tracing::warn!("{error}; asking again");
        }
        self.unreachable = if error.is_unreachable() {
            self.unreachable + 1
        } else {
            0
        };
        if self.unreachable >= GONE_AFTER {
            return Err(RunError::EnvironmentGone {
                host: host.to_owned(),
            });
        }
        tokio::time::sleep(pause(self.failures)).await;
        self.failures = self.failures.saturating_add(1);
        Ok(())
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stop_growing() {
        let pauses = [0, 1, 2, 6, u32::MAX].map(|failures| pause(failures).as_millis());
        assert_eq!(pauses, [20, 40, 80, 1000, 1000]);
    }
}
