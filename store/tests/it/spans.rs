//! `spans` and `traces`: columns, old names, what is complete.

use expect_test::expect;

use crate::story::{Span, checkout, tell};

#[test]
fn the_columns_of_the_design() {
    let columns = tell(&[]).lines("SELECT column_name, column_type FROM (DESCRIBE spans)");
    expect![[r#"
        trace_id | VARCHAR
        span_id | VARCHAR
        parent_span_id | VARCHAR
        trace_state | VARCHAR
        flags | UINTEGER
        service_name | VARCHAR
        name | VARCHAR
        kind | VARCHAR
        start_time | TIMESTAMP WITH TIME ZONE
        end_time | TIMESTAMP WITH TIME ZONE
        start_time_ns | BIGINT
        duration_ns | BIGINT
        status_code | VARCHAR
        status_message | VARCHAR
        attributes | MAP(VARCHAR, VARCHAR)
        resource_attributes | MAP(VARCHAR, VARCHAR)
        scope_attributes | MAP(VARCHAR, VARCHAR)
        scope_name | VARCHAR
        scope_version | VARCHAR
        events | STRUCT(time_ns BIGINT, "name" VARCHAR, attributes MAP(VARCHAR, VARCHAR), attribute_types VARCHAR, dropped_attributes_count UINTEGER)[]
        links | STRUCT(trace_id VARCHAR, span_id VARCHAR, trace_state VARCHAR, attributes MAP(VARCHAR, VARCHAR), attribute_types VARCHAR, dropped_attributes_count UINTEGER, flags UINTEGER)[]
        dropped_attributes_count | UINTEGER
        dropped_events_count | UINTEGER
        dropped_links_count | UINTEGER
        resource_dropped_attributes_count | UINTEGER
        scope_dropped_attributes_count | UINTEGER
        resource_schema_url | VARCHAR
        scope_schema_url | VARCHAR
        http.request.method | VARCHAR
        http.response.status_code | BIGINT
        http.route | VARCHAR
        url.path | VARCHAR
        server.address | VARCHAR
        db.system.name | VARCHAR
        db.query.text | VARCHAR
        db.operation.name | VARCHAR
        messaging.system | VARCHAR
        messaging.destination.name | VARCHAR
        messaging.operation.type | VARCHAR
        messaging.message.id | VARCHAR
        messaging.batch.message_count | BIGINT
        rpc.service | VARCHAR
        rpc.method | VARCHAR
        faas.name | VARCHAR
        faas.invocation_id | VARCHAR
        faas.trigger | VARCHAR
        faas.coldstart | BOOLEAN
        error.type | VARCHAR
        http.method | VARCHAR
        http.status_code | BIGINT
        http.target | VARCHAR
        net.peer.name | VARCHAR
        db.system | VARCHAR
        db.statement | VARCHAR
        db.operation | VARCHAR
        messaging.destination | VARCHAR
        messaging.operation | VARCHAR
        messaging.message_id | VARCHAR
        faas.execution | VARCHAR"#]].assert_eq(&columns);
    let columns = tell(&[])
        .lines("SELECT column_name FROM (DESCRIBE traces)")
        .replace('\n', " ");
    assert_eq!(
        columns,
        "trace_id root_service root_name start_time start_time_ns duration_ns span_count error_count services complete"
    );
}

#[test]
fn times() {
    let told = tell(&[Span::new("a", 1, "s", "n", 1, 2)]);
    let line = told.lines(
        "SELECT start_time, end_time, epoch_ns(start_time) = start_time_ns, duration_ns FROM spans",
    );
    expect!["2026-11-22T15:20:00.001Z | 2026-11-22T15:20:00.003Z | true | 2 ms"].assert_eq(&line);
}

#[test]
fn old_names_answer_the_same() {
    let told = tell(&[
        Span::new("a", 1, "s", "new", 0, 1)
            .with("http.response.status_code", 500)
            .with("http.request.method", "GET")
            .with("url.path", "/x")
            .with("db.system.name", "sqlite")
            .with("db.query.text", "SELECT 1")
            .with("db.operation.name", "SELECT")
            .with("messaging.destination.name", "q")
            .with("messaging.operation.type", "send"),
        Span::new("a", 2, "s", "old", 1, 1)
            .with("http.status_code", 500)
            .with("http.method", "GET")
            .with("http.target", "/x?y=1")
            .with("db.system", "sqlite")
            .with("db.statement", "SELECT 1")
            .with("db.operation", "SELECT")
            .with("messaging.destination", "q")
            .with("messaging.operation", "send"),
        Span::new("a", 3, "s", "nonsense", 2, 1)
            .with("http.status_code", "many")
            .with("faas.coldstart", "maybe"),
    ]);
    let named = |names: &str| {
        told.lines(&format!(
            "SELECT name, {names} FROM spans ORDER BY start_time_ns"
        ))
    };
    let new = named(
        r#""http.response.status_code", "http.request.method", "url.path", "db.system.name", "db.query.text", "db.operation.name", "messaging.destination.name", "messaging.operation.type""#,
    );
    let old = named(
        r#""http.status_code", "http.method", "http.target", "db.system", "db.statement", "db.operation", "messaging.destination", "messaging.operation""#,
    );
    assert_eq!(new, old);
    expect![[r#"
        new | 500 | GET | /x | sqlite | SELECT 1 | SELECT | q | send
        old | 500 | GET | /x | sqlite | SELECT 1 | SELECT | q | send
        nonsense | - | - | - | - | - | - | - | -"#]]
    .assert_eq(&new);
}

#[test]
fn traces() {
    let mut spans = checkout();
    // Its root is late.
    spans.push(Span::new("d", 2, "late", "child", 10, 5).below(1));
    spans.push(
        Span::new("d", 3, "late", "grandchild", 5, 20)
            .below(2)
            .error("x"),
    );
    let told = tell(&spans);
    let sql = "SELECT trace_id[1:4], root_service, root_name, duration_ns, span_count, error_count, services, complete FROM traces ORDER BY start_time, trace_id";
    let lines = told.lines(sql);
    expect![[r#"
        5b8e | order-api | POST /checkout | 2350 ms | 23 | 0 | ["inventory","order-api","payment","shipping"] | true
        dddd | late | child | 20 ms | 2 | 1 | ["late"] | false
        bbbb | notification | process notifications | 200 ms | 4 | 2 | ["notification"] | true
        cccc | notification | process notifications | 200 ms | 4 | 0 | ["notification"] | true"#]].assert_eq(&lines);
    told.add(&spans);
    assert_eq!(told.lines(sql), lines, "a span that came twice counts once");
}
