//! `critical_path(id)`: what a workflow waited for.

use expect_test::{Expect, expect};

use crate::story::{CHECKOUT, Span, Told, checkout, tell};

#[track_caller]
fn check(told: &Told, id: &str, expected: &Expect) {
    let sql = format!(
        "SELECT service_name, name, offset_ns, duration_ns FROM critical_path('{id}') ORDER BY position"
    );
    expected.assert_eq(&told.lines(&sql));
}

#[test]
fn it_follows_messages_and_shows_their_waits() {
    let told = tell(&checkout());
    let sums = format!(
        "SELECT sum(duration_ns)::BIGINT AS path_ns, (SELECT duration_ns FROM workflows WHERE workflow_id = '{CHECKOUT}') AS workflow_ns,
           sum(duration_ns) FILTER (kind_of_row = 'wait')::BIGINT AS wait_ns, count(*) AS segments FROM critical_path('{CHECKOUT}')"
    );
    expect!["3710 ms | 3710 ms | 1864 ms | 45"].assert_eq(&told.lines(&sums));
    let by_service = format!(
        "SELECT service_name, kind_of_row, sum(duration_ns)::BIGINT AS took_ns FROM critical_path('{CHECKOUT}') GROUP BY ALL ORDER BY min(position)"
    );
    expect![[r#"
        order-api | span | 20 ms
        inventory | wait | 150 ms
        inventory | span | 216 ms
        payment | wait | 134 ms
        payment | span | 1450 ms
        shipping | wait | 270 ms
        shipping | span | 70 ms
        notification | wait | 1310 ms
        notification | span | 90 ms"#]]
    .assert_eq(&told.lines(&by_service));
}

#[test]
fn of_parts_at_the_same_time_the_last_one_counts() {
    let span = |id, name: &str, start, duration| Span::new("a", id, "api", name, start, duration);
    let told = tell(&[
        span(1, "root", 0, 100),
        span(2, "fast", 10, 20).below(1),
        span(3, "slow", 12, 60).below(1),
        span(4, "within", 20, 30).below(3),
        span(5, "last", 80, 10).below(1),
    ]);
    check(
        &told,
        &"a".repeat(32),
        &expect![[r#"
        api | root | 0 ms | 12 ms
        api | slow | 12 ms | 8 ms
        api | within | 20 ms | 30 ms
        api | slow | 50 ms | 22 ms
        api | root | 72 ms | 8 ms
        api | last | 80 ms | 10 ms
        api | root | 90 ms | 10 ms"#]],
    );
}

#[test]
fn circles_and_clocks_that_disagree_end() {
    let span = |id, name: &str, start, duration| Span::new("a", id, "api", name, start, duration);
    let told = tell(&[
        span(1, "circle", 0, 10).below(2),
        span(2, "circle too", 5, 10).below(1),
        span(3, "root", 20, 10),
        span(4, "before its parent", 15, 10).below(3),
    ]);
    check(
        &told,
        &"a".repeat(32),
        &expect![[r#"
        api | circle too | 5 ms | 10 ms
        api | before its parent | 15 ms | 10 ms
        api | root | 25 ms | 5 ms"#]],
    );
    assert_eq!(
        told.lines("FROM critical_path('ffffffffffffffffffffffffffffffff')"),
        ""
    );
}
