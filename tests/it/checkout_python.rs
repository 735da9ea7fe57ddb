//! A store is a DuckDB file: another language's DuckDB sees the same tables and views.

use std::process::Command;

use crate::checkout_run::{options, undisturbed};

const PYTHON: &str = r#"
import json, sys, duckdb
store = duckdb.connect(sys.argv[1], read_only=True)
views = [row[0] for row in store.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()]
trace = store.execute("SELECT trace_id FROM spans WHERE name = 'checkout.process' LIMIT 1").fetchone()[0]
print(json.dumps({
    "spans": store.execute("SELECT count(*) FROM spans").fetchone()[0],
    "hops": store.execute("SELECT count(*) FROM hops").fetchone()[0],
    "waterfall": store.execute("SELECT count(*) FROM waterfall(?)", [trace]).fetchone()[0],
    "views": views,
}))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn duckdb_of_another_language_sees_tables_and_views() {
    #[derive(serde::Deserialize)]
    struct Seen {
        spans: u64,
        hops: u64,
        waterfall: u64,
        views: Vec<String>,
    }
    let outcome = undisturbed().await;
    let options = options("checkout", 0);
    let output = Command::new(&options.python)
        .arg("-c")
        .arg(PYTHON)
        .arg(options.store_path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let seen: Seen = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen.spans, outcome.summary.stored);
    assert!(
        seen.waterfall > 10 && seen.hops > 0,
        "{} rows, {} hops",
        seen.waterfall,
        seen.hops
    );
    for view in ["spans", "traces", "hops"] {
        assert!(
            seen.views.iter().any(|seen| seen == view),
            "no view `{view}` among {:?}",
            seen.views
        );
    }
}
