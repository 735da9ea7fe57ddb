//! What trace stores are asked for: service, operation, tags, durations, time and limits, in combination. Jaeger's storage tests ask the same
//! [twenty-five kinds of questions](https://github.com/jaegertracing/jaeger/tree/main/internal/storage/integration); the spans here are our own.

use baton_store::moment::Moment;
use baton_store::query::execute;
use baton_store::search::{Scope, compile, parse};

use crate::story::{Span, Told, tell};

const DAY_MS: i64 = 86_400_000;

fn spans() -> Vec<Span> {
    let shop = |trace: &str, name: &str, start_ms, duration_ms| {
        Span::new(trace, 1, "shop", name, start_ms, duration_ms)
    };
    vec![
        // Tags of the span, of an event, of the resource, and in three places.
        shop("a", "place", 0, 100)
            .with("tag.one", "v1")
            .with("tag.two", 2)
            .with("tag.three", true),
        shop("b", "place", 1_000, 300).event(
            "log",
            &[("tag.one", "v1"), ("tag.two", "2"), ("tag.three", "true")],
        ),
        shop("c", "list", 2_000, 100)
            .of_resource("tag.one", "v1")
            .of_resource("tag.two", "2")
            .of_resource("tag.three", "true"),
        shop("d", "list", 3_000, 1_200)
            .with("tag.one", "v1")
            .event("log", &[("tag.two", "2")])
            .of_resource("tag.three", "true"),
        // Over several days.
        shop("e", "report", 4_000, 500),
        Span::new("e", 2, "shop", "report", DAY_MS, 500).below(1),
        Span::new("e", 3, "shop", "report", 2 * DAY_MS, 500).below(1),
        shop("1", "place", 5_000, 5_000),
        // Tags on two spans, none of which has both.
        shop("2", "pair", 6_000, 50).with("tag.one", "v1"),
        Span::new("2", 2, "shop", "pair", 6_010, 20)
            .below(1)
            .with("tag.two", 2),
        shop("3", "query", 7_000, 50).with(
            "sql",
            r#"SELECT * FROM "t" WHERE path = 'C:\x' AND a != 'b%_*'"#,
        ),
        Span::new("4", 1, "other", "place", 8_000, 100)
            .with("tag.one", "v1")
            .with("tag.two", 2)
            .with("tag.three", true),
    ]
}

/// First digits of the traces, the newest first.
fn find(told: &Told, search: &str, scope: Scope) -> String {
    let columns: Vec<String> = told
        .ask("SELECT column_name FROM (DESCRIBE spans)")
        .rows
        .iter()
        .map(|row| row[0].as_str().unwrap().to_owned())
        .collect();
    let compiled = compile(
        &parse(search).unwrap_or_else(|error| panic!("{error}")),
        &scope,
        &columns,
    );
    let rows = execute(told.store.connection(), &compiled.sql, &compiled.params)
        .unwrap_or_else(|error| panic!("{search}: {error}\n{}", compiled.sql));
    rows.rows
        .iter()
        .map(|row| row[0].as_str().unwrap()[..1].to_owned())
        .collect()
}

const ALL: Scope = Scope {
    since: None,
    until: None,
    limit: 100,
};

#[test]
fn twenty_five_questions() {
    let told = tell(&spans());
    let one = r#"(tag.one = "v1" OR event.tag.one = "v1")"#;
    let tags = format!(
        "{one} AND (tag.two = 2 OR event.tag.two = 2) AND (tag.three = true OR event.tag.three = true)"
    );
    let cases = [
        ("tags of the span", "service = shop AND span.tag.one = v1 AND span.tag.two = 2 AND span.tag.three = true".to_owned(), "a"),
        ("tags of an event", "service = shop AND event.tag.one = v1 AND event.tag.two = 2 AND event.tag.three = true".to_owned(), "b"),
        ("tags of the resource", "service = shop AND resource.tag.one = v1 AND resource.tag.two = 2 AND resource.tag.three = true".to_owned(), "c"),
        ("tags in different places", format!("service = shop AND {tags}"), "dcba"),
        ("spans of several days", "service = shop AND name = report".to_owned(), "e"),
        ("operation", "service = shop AND name = place".to_owned(), "1ba"),
        ("operation and longest", "service = shop AND name = place AND duration <= 300ms".to_owned(), "ba"),
        ("operation and range", "service = shop AND name = place AND duration >= 200ms AND duration <= 1s".to_owned(), "b"),
        ("range", "service = shop AND duration >= 1s AND duration <= 2s".to_owned(), "d"),
        ("longest", "service = shop AND duration <= 60ms".to_owned(), "32"),
        ("nothing but the service", "service = shop".to_owned(), "e321dcba"),
        ("tags and operation", "service = shop AND name = place AND span.tag.one = v1".to_owned(), "a"),
        ("tags, operation and longest", "service = shop AND name = list AND span.tag.one = v1 AND duration <= 2s".to_owned(), "d"),
        ("tags, operation and range", "service = shop AND name = list AND tag.one = v1 AND duration >= 50ms AND duration <= 500ms".to_owned(), "c"),
        ("tags and range", "service = shop AND tag.one = v1 AND duration >= 100ms AND duration <= 1200ms".to_owned(), "dca"),
        ("tags and longest", "service = shop AND tag.one = v1 AND duration <= 100ms".to_owned(), "2ca"),
        ("tags in different places and operation", format!("service = shop AND {tags} AND name = list"), "dc"),
        ("tags in different places, operation and longest", format!("service = shop AND {tags} AND name = list AND duration <= 1s"), "c"),
        ("tags in different places, operation and range", format!("service = shop AND {tags} AND name = place AND duration >= 200ms AND duration <= 400ms"), "b"),
        ("tags in different places and range", format!("service = shop AND {tags} AND duration >= 200ms AND duration <= 2s"), "db"),
        ("tags in different places and longest", format!("service = shop AND {tags} AND duration <= 1s"), "cba"),
        ("several traces", "tag.one = v1 AND duration < 1s".to_owned(), "42ca"),
        ("a tag with quotes, a backslash and wildcards", r#"service = shop AND name = query AND sql = "SELECT * FROM \"t\" WHERE path = 'C:\\x' AND a != 'b%_*'" AND duration <= 1s"#.to_owned(), "3"),
    ];
    for (name, search, expected) in &cases {
        assert_eq!(find(&told, search, ALL), *expected, "{name}: {search}");
    }
    assert_eq!(
        find(&told, "service = shop", Scope { limit: 3, ..ALL }),
        "e32",
        "limit"
    );
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let at = |text| Some(Moment::parse(text, now).unwrap());
    let scope = Scope {
        since: at("2026-11-22T15:20:02Z"),
        until: at("2026-11-22T15:20:05Z"),
        limit: 100,
    };
    assert_eq!(find(&told, "service = shop", scope), "edc", "time");
}

#[test]
fn what_conditions_mean() {
    let told = tell(&spans());
    let cases = [
        // Numbers as numbers, text as text.
        ("tag.two = 2.0", "42ca"),
        ("tag.two = \"2.0\"", ""),
        ("tag.two > 10", ""),
        ("tag.two > \"10\"", "42ca"),
        ("tag.one > 1", ""),
        // One span with its resource, or any of the trace.
        ("name = pair AND tag.one = v1 AND tag.two = 2", ""),
        ("trace(name = pair AND tag.one = v1 AND tag.two = 2)", "2"),
        // What is not there is neither equal nor different, and `NOT` is true of it.
        ("service = shop AND name = place AND tag.one != v2", "a"),
        ("service = shop AND name = place AND NOT tag.one = v1", "1b"),
        ("EXISTS sql OR EXISTS event.tag.two", "3db"),
        ("NOT NOT service = other", "4"),
        ("name IN (report, query)", "e3"),
        ("name NOT IN (place, list, pair, report)", "3"),
        ("name =~ \"^(re|qu)\"", "e3"),
        ("service = shop AND name !~ \"^(re|qu|pl|li)\"", "2"),
        ("event.name = log and Not kind = server", "db"),
        ("service = other or service = shop and name = report", "e4"),
        ("\"tag.one\" = v1 AND service = other", "4"),
        ("status = error", ""),
    ];
    for (search, expected) in cases {
        assert_eq!(find(&told, search, ALL), expected, "{search}");
    }
}

#[test]
fn waits_and_older_names() {
    let told = tell(&crate::story::checkout());
    assert_eq!(find(&told, "lag > 1s", ALL), "c");
    assert_eq!(find(&told, "lag < 200ms AND service = payment", ALL), "5");
    assert_eq!(
        find(
            &told,
            "http.status_code = 202 AND http.response.status_code = 202",
            ALL
        ),
        "5"
    );
    assert_eq!(find(&told, "link.span_id =~ \"29$\"", ALL), "cb");
}
