//! The functions of the example as local Lambda runs them: five with the layer, and the ingest function without it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use local_lambda::{Config, FunctionConfig, LocalLambda, SqsMapping};

use crate::queues::Queues;

/// The functions that are traced, in the order in which a checkout passes them.
pub(crate) const FUNCTIONS: [&str; 5] = [
    "order-api",
    "inventory",
    "payment",
    "shipping",
    "notification",
];
/// The function that keeps the spans.
pub(crate) const INGEST: &str = "ingest";

/// Folders of one run.
pub(crate) struct Places<'a> {
    pub(crate) bin_dir: &'a Path,
    pub(crate) dir: &'a Path,
}

impl Places<'_> {
    pub(crate) fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }

    fn bin(&self, name: &str) -> Result<String> {
        let path = self.bin_dir.join(name);
        if !path.is_file() {
            bail!(
                "`{}` does not exist, expected a binary of this workspace; `cargo build --workspace --bins` makes it",
                path.display()
            );
        }
        Ok(path.display().to_string())
    }

    /// What `/opt` is for the functions: the layer, unpacked.
    fn opt(&self) -> Result<PathBuf> {
        let opt = self.dir.join("opt");
        let extensions = opt.join("extensions");
        std::fs::create_dir_all(&extensions)?;
        std::fs::copy(self.bin("baton-layer")?, extensions.join("baton-layer"))
            .context("could not copy the layer")?;
        Ok(opt)
    }
}

/// Starts the ingest function, one environment at most: a DuckDB file has one writer.
pub(crate) async fn start_ingest(places: &Places<'_>, store_url: &str) -> Result<LocalLambda> {
    let mut ingest = FunctionConfig::new(INGEST, [places.bin("ingest")?]);
    ingest
        .env
        .insert("BATON_STORE".to_owned(), store_url.to_owned());
    ingest.concurrency = 1;
    ingest.memory_mb = 1024;
    ingest.function_url = true;
    let config = Config {
        functions: vec![ingest],
        log_dir: Some(places.dir.join("ingest-logs")),
        ..Config::default()
    };
    LocalLambda::start(config)
        .await
        .context("the ingest function did not start")
}

/// Starts the five functions, with their queues mapped.
pub(crate) async fn start_functions(
    places: &Places<'_>,
    queues: &Queues,
    provider: &str,
    sqs: &str,
    export: &str,
) -> Result<LocalLambda> {
    let opt = places.opt()?;
    let function =
        |name: &str, env: &[(&str, &str)], source: Option<(&str, u32)>| -> Result<FunctionConfig> {
            let mut function =
                FunctionConfig::new(name, [places.bin(&format!("checkout-{name}"))?]);
            function.opt = Some(opt.clone());
            function
                .env
                .insert("BATON_EXPORT".to_owned(), export.to_owned());
            function.env.extend(
                env.iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
            );
            function.timeout = Duration::from_secs(20);
            function.concurrency = 6;
            match source {
                Some((queue, batch_size)) => {
                    let mapping = SqsMapping::new(queues.url(queue)?);
                    function.sqs.push(SqsMapping {
                        batch_size,
                        report_batch_item_failures: true,
                        ..mapping
                    });
                }
                None => function.function_url = true,
            }
            Ok(function)
        };
    let stock = std::fs::canonicalize(places.dir)?
        .join("inventory.sqlite")
        .display()
        .to_string();
    let mut functions = vec![
        function(
            "order-api",
            &[("ORDERS_QUEUE_URL", queues.url("orders")?)],
            None,
        )?,
        function(
            "inventory",
            &[
                ("PAYMENTS_QUEUE_URL", queues.url("payments")?),
                ("INVENTORY_DB", &stock),
            ],
            Some(("orders", 1)),
        )?,
        function(
            "payment",
            &[
                ("SHIPMENTS_QUEUE_URL", queues.url("shipments")?),
                ("PAYMENT_PROVIDER_URL", provider),
            ],
            Some(("payments", 1)),
        )?,
        function(
            "shipping",
            &[("NOTIFICATIONS_QUEUE_URL", queues.url("notifications")?)],
            Some(("shipments", 1)),
        )?,
        function("notification", &[], Some(("notifications", 10)))?,
    ];
    for function in &mut functions {
        // Ten mails come together within a second; the others go one by one, at once.
        if let Some(mapping) = function
            .sqs
            .first_mut()
            .filter(|mapping| mapping.batch_size > 1)
        {
            mapping.window = Duration::from_secs(1);
            // A queue's visibility timeout is never shorter than this, and the demo wants to see three tries soon.
            function.timeout = Duration::from_secs(3);
        }
    }
    let config = Config {
        functions,
        sqs_endpoint: Some(sqs.to_owned()),
        log_dir: Some(places.logs()),
        ..Config::default()
    };
    LocalLambda::start(config)
        .await
        .context("the functions did not start")
}
