//! The HTTP client, and when its connections are too old to be trusted.

use std::time::{Duration, SystemTime};

use reqwest::Client;
use reqwest::redirect::Policy;

use crate::config::Target;

/// Connections that were idle for longer are not used again: while the environment is frozen neither keep-alives nor the
/// receiver's farewell arrive. A younger one that turns out dead costs one attempt, repeated at once.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A client, built when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Connections {
    client: Option<Client>,
    /// By the clock on the wall: the others may stand still in a frozen environment.
    idle_since: Option<SystemTime>,
}

impl Connections {
    pub(super) fn client(&mut self, target: &Target) -> Result<Client, reqwest::Error> {
        let idle = self.idle_since.map(|since| since.elapsed());
        // An error is a clock that went back.
        if idle.is_some_and(|idle| idle.map_or(true, |idle| idle > TRUSTED_IDLE)) {
            self.close();
        }
        let client = match &self.client {
            Some(client) => client.clone(),
            None => build(target)?,
        };
        self.client = Some(client.clone());
        // Should the flush be cut off, this is the last that is known of them.
        self.rest();
        Ok(client)
    }

    /// Nothing is under way from now on.
    pub(super) fn rest(&mut self) {
        self.idle_since = Some(SystemTime::now());
    }

    pub(super) fn close(&mut self) {
        self.client = None;
        self.idle_since = None;
    }
}

fn build(target: &Target) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        // A redirected POST arrives as a GET without its body.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        // The layer decides about retries alone.
        .retry(reqwest::retry::never());
    let builder = if target.is_https() {
        builder
    } else {
        // The system's certificates take milliseconds to load.
        builder.tls_certs_only([])
    };
    builder.build()
}
