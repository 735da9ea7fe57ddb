//! docs/sql.md and the headers of the SQL files: each example runs, each column is explained.

use std::path::Path;

use baton_store::query::execute;

use crate::story::{Told, checkout, tell};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
fn answers(told: &Told, sql: &str, place: &str) {
    let rows = execute(told.store.connection(), sql, &[])
        .unwrap_or_else(|error| panic!("{place}: {error}\n{sql}"));
    assert!(!rows.rows.is_empty(), "{place}: no row\n{sql}");
}

#[test]
fn every_example_of_the_page_answers() {
    let (told, page) = (tell(&checkout()), read("../docs/sql.md"));
    let examples: Vec<&str> = page
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 10, "{} examples", examples.len());
    for example in examples {
        answers(&told, example, "docs/sql.md");
    }
}

#[test]
fn every_example_of_a_file_answers() {
    let told = tell(&checkout());
    for folder in ["sql/views", "sql/macros"] {
        for entry in Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .read_dir()
            .unwrap()
        {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            let text = read(&name);
            let example = text
                .split_once("-- Example:\n")
                .unwrap_or_else(|| panic!("{name} has no example"))
                .1;
            let example: Vec<&str> = example
                .lines()
                .map_while(|line| line.strip_prefix("--"))
                .collect();
            answers(&told, &example.join("\n"), &name);
        }
    }
}

/// A section for each view and macro, and in it each column.
#[test]
fn every_column_is_explained() {
    let (told, page) = (tell(&checkout()), read("../docs/sql.md"));
    let id = "'5b8efff798038103d269b633813fc60c'";
    for (title, source) in [
        ("spans", "spans".to_owned()),
        ("traces", "traces".to_owned()),
        ("workflows", "workflows".to_owned()),
        ("hops", "hops".to_owned()),
        ("queues", "queues".to_owned()),
        ("service_edges", "service_edges".to_owned()),
        ("invocations", "invocations".to_owned()),
        ("n_plus_one", "n_plus_one".to_owned()),
        ("orphan_spans", "orphan_spans".to_owned()),
        ("stuck_messages", "stuck_messages".to_owned()),
        ("retries", "retries".to_owned()),
        ("dead_letters", "dead_letters".to_owned()),
        ("waterfall(id", format!("waterfall({id})")),
        ("critical_path(id)", format!("critical_path({id})")),
        ("workflow_roots(id)", format!("workflow_roots({id})")),
    ] {
        let section = page
            .split(&format!("\n## `{title}"))
            .nth(1)
            .unwrap_or_else(|| panic!("no section `{title}`"));
        let section = section.split("\n## ").next().unwrap();
        for column in told.ask(&format!("FROM {source} LIMIT 0")).columns {
            assert!(
                section.contains(&format!("`{}`", column.name))
                    || section.contains(&format!("`\"{}\"`", column.name)),
                "{title}: {}",
                column.name
            );
        }
    }
    for title in [
        "trace(id)",
        "workflow(id)",
        "queue_name(text)",
        "error_group(text)",
    ] {
        assert!(
            page.contains(&format!("\n## `{title}`")),
            "no section `{title}`"
        );
    }
}
