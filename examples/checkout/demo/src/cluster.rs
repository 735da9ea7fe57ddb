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

/// What the functions need to know of the world around them.
pub(crate) struct Surroundings<'a> {
    pub(crate) queues: &'a Queues,
    /// URL of the payment provider.
    pub(crate) provider: &'a str,
    /// Endpoint of the SQS server.
    pub(crate) sqs: &'a str,
    /// Where the layers send spans: the ingest function's URL.
    pub(crate) export: &'a str,
}

/// Starts the five functions, with their queues mapped.
pub(crate) async fn start_functions(
    places: &Places<'_>,
    around: &Surroundings<'_>,
) -> Result<LocalLambda> {
    let opt = places.opt()?;
    let stock = std::fs::canonicalize(places.dir)?.join("inventory.sqlite");
    let queue = |name| around.queues.url(name).map(str::to_owned);
    let settings: [Vec<(&str, String)>; FUNCTIONS.len()] = [
        vec![("ORDERS_QUEUE_URL", queue("orders")?)],
        vec![
            ("PAYMENTS_QUEUE_URL", queue("payments")?),
            ("INVENTORY_DB", stock.display().to_string()),
        ],
        vec![
            ("SHIPMENTS_QUEUE_URL", queue("shipments")?),
            ("PAYMENT_PROVIDER_URL", around.provider.to_owned()),
        ],
        vec![("NOTIFICATIONS_QUEUE_URL", queue("notifications")?)],
        vec![],
    ];
    let mut functions = Vec::with_capacity(FUNCTIONS.len());
    for (name, settings) in FUNCTIONS.into_iter().zip(settings) {
        let mut function = FunctionConfig::new(name, [places.bin(&format!("checkout-{name}"))?]);
        function.opt = Some(opt.clone());
        function
            .env
            .insert("BATON_EXPORT".to_owned(), around.export.to_owned());
        function.env.extend(
            settings
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        function.timeout = Duration::from_secs(20);
        function.concurrency = 6;
        listen(&mut function, around.queues)?;
        functions.push(function);
    }
    let config = Config {
        functions,
        sqs_endpoint: Some(around.sqs.to_owned()),
        log_dir: Some(places.logs()),
        ..Config::default()
    };
    LocalLambda::start(config)
        .await
        .context("the functions did not start")
}

/// Where a function's events come from.
fn listen(function: &mut FunctionConfig, queues: &Queues) -> Result<()> {
    let queue = match function.name.as_str() {
        "inventory" => "orders",
        "payment" => "payments",
        "shipping" => "shipments",
        "notification" => "notifications",
        _ => {
            function.function_url = true;
            return Ok(());
        }
    };
    let mut mapping = SqsMapping::new(queues.url(queue)?);
    mapping.report_batch_item_failures = true;
    mapping.batch_size = 1;
    if queue == "notifications" {
        // Ten mails come together within a second; the others go one by one, at once.
        mapping.batch_size = 10;
        mapping.window = Duration::from_secs(1);
        // A queue's visibility timeout is never shorter than this, and the demo wants to see three tries soon.
        function.timeout = Duration::from_secs(3);
    }
    function.sqs.push(mapping);
    Ok(())
}
