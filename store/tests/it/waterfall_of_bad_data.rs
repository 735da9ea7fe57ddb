//! `waterfall(id)` over spans that are missing, doubled, skewed or go round in circles: it shows them, and it ends.

use expect_test::expect;

use crate::story::{Span, tell, trace_id};
use crate::waterfall::check;

#[test]
fn what_is_missing_or_late_is_a_root() {
    let told = tell(&[
        Span::new("a", 2, "worker", "process x", 50, 5)
            .below(1)
            .processes("x", "m1", 1)
            .sent(10),
        Span::new("a", 3, "worker", "child", 51, 3).below(2),
        Span::new("a", 4, "worker", "orphan", 52, 3).below(99),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        wait x | 0 ms | 40 ms
        process x 2 | 40 ms | 5 ms
          child 3 | 41 ms | 3 ms
        orphan 4 | 42 ms | 3 ms"#]],
    );
}

/// The consumer's clock is behind: it received before it was sent.
#[test]
fn clocks_that_disagree() {
    let told = tell(&[
        Span::new("a", 1, "api", "send x", 100, 10).sends("x"),
        Span::new("a", 2, "worker", "process x", 40, 10)
            .below(1)
            .processes("x", "m1", 1)
            .sent(105),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        send x 1 | 60 ms | 10 ms
          wait x | 0 ms | 0 ms
          process x 2 | 0 ms | 10 ms"#]],
    );
}

#[test]
fn circles_end() {
    let told = tell(&[
        Span::new("a", 1, "s", "one", 0, 1).below(2),
        Span::new("a", 2, "s", "two", 1, 1).below(1),
        Span::new("a", 3, "s", "itself", 2, 1).below(3),
        Span::new("a", 4, "s", "below two", 3, 1).below(2),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        one 1 | 0 ms | 1 ms
        two 2 | 1 ms | 1 ms
        itself 3 | 2 ms | 1 ms
        below two 4 | 3 ms | 1 ms"#]],
    );
    // A workflow that leads back to its own start.
    let told = tell(&[
        Span::new("a", 1, "s", "process x", 0, 9)
            .processes("x", "m1", 1)
            .link("b", 4),
        Span::new("a", 2, "s", "send y", 1, 1).below(1).sends("y"),
        Span::new("b", 3, "s", "process y", 20, 9)
            .processes("y", "m2", 1)
            .link("a", 2),
        Span::new("b", 4, "s", "send x", 21, 1).below(3).sends("x"),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        wait x | 0 ms | 0 ms
        process x 1 | 0 ms | 9 ms
          send y 2 | 1 ms | 1 ms
            wait y | 2 ms | 18 ms
            process y 3 linked | 20 ms | 9 ms
              send x 4 | 21 ms | 1 ms"#]],
    );
    assert_eq!(
        told.lines(&format!(
            "SELECT count(*) FROM workflow('{}')",
            trace_id("b")
        )),
        "4"
    );
}

#[test]
fn a_span_that_came_twice_stands_there_once() {
    let spans = [
        Span::new("a", 1, "s", "root", 0, 9),
        Span::new("a", 2, "s", "child", 1, 1).below(1),
    ];
    let told = tell(&spans);
    told.add(&spans);
    check(
        &told,
        "a",
        &expect![[r#"
        root 1 | 0 ms | 9 ms
          child 2 | 1 ms | 1 ms"#]],
    );
}

#[test]
fn a_chain_deeper_than_the_bound_is_all_there() {
    let spans: Vec<Span> = (1..=900_u64)
        .map(|id| Span::new("a", id, "s", "n", i64::try_from(id).unwrap(), 1).below(id - 1))
        .collect();
    let told = tell(&spans);
    let sql = format!(
        "SELECT count(*), count(DISTINCT span_id), max(depth) FROM waterfall('{}')",
        trace_id("a")
    );
    assert_eq!(told.lines(&sql), "900 | 900 | 400");
}
