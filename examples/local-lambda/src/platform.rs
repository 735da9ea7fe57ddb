//! What all functions of one local Lambda share.

use std::path::PathBuf;
use std::time::Duration;

use crate::address::Addresses;
use crate::events::EventLog;

/// The account, the region and the shared services of one local Lambda.
///
/// ```
/// use local_lambda::Platform;
///
/// let platform = Platform { region: "eu-north-1".into(), ..Platform::default() };
/// assert_eq!(platform.function_arn("pay"), "arn:aws:lambda:eu-north-1:000000000000:function:pay");
/// ```
#[derive(Debug)]
pub struct Platform {
    /// `AWS_REGION` of every function.
    pub region: String,
    /// Twelve digits; part of every ARN.
    pub account_id: String,
    /// Set as `AWS_ENDPOINT_URL_SQS` unless a function configures its own.
    pub sqs_endpoint: Option<String>,
    /// `LOGDIR/<function>/<environment>.log` is written below it.
    pub log_dir: Option<PathBuf>,
    /// An environment that waited this long is shut down.
    pub idle_timeout: Duration,
    /// Platform records of all environments.
    pub events: EventLog,
    /// Hands out a loopback address per environment.
    pub addresses: Addresses,
}

// === impl Platform ===

impl Default for Platform {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            sqs_endpoint: None,
            log_dir: None,
            idle_timeout: Duration::from_mins(5),
            events: EventLog::new(10_000),
            addresses: Addresses::default(),
        }
    }
}

impl Platform {
    /// The function's unqualified ARN.
    #[must_use]
    pub fn function_arn(&self, function: &str) -> String {
        format!(
            "arn:aws:lambda:{}:{}:function:{function}",
            self.region, self.account_id
        )
    }
}
