//! `hops`: one row for each delivery of a message.

use expect_test::{Expect, expect};

use crate::story::{Span, Told, checkout, tell};

#[track_caller]
fn check(told: &Told, expected: &Expect) {
    let sql = "SELECT queue, message_id, strftime(sent_time, '%S.%g') AS sent, strftime(received_time, '%S.%g') AS received, lag_ns, receive_count, batch_size, outcome,
                 concat(producer_trace_id[1], ':', ltrim(producer_span_id, '0'), ' ', producer_service),
                 concat(consumer_trace_id[1], ':', ltrim(consumer_span_id, '0'), ' ', consumer_service)
               FROM hops ORDER BY received_time, queue, message_id";
    expected.assert_eq(&told.lines(sql));
}

#[test]
fn of_one_checkout() {
    check(
        &tell(&checkout()),
        &expect![[r#"
            orders | m-1 | 00.020 | 00.170 | 150 ms | 1 | 1 | ok | 5:3 order-api | 5:a inventory
            payments | m-2 | 00.386 | 00.520 | 134 ms | 1 | 1 | ok | 5:1d inventory | 5:1e payment
            shipments | m-3 | 01.970 | 02.240 | 270 ms | 1 | 1 | ok | 5:20 payment | 5:28 shipping
            notifications | m-4 | 02.310 | 02.920 | 610 ms | 1 | 2 | failed | 5:29 shipping | b:33 notification
            notifications | other-50 | - | 03.020 | - | 1 | 2 | ok | f:384  | b:35 notification
            notifications | m-4 | 02.310 | 03.620 | 1310 ms | 2 | 2 | ok | 5:29 shipping | c:47 notification
            notifications | other-70 | - | 03.720 | - | 1 | 2 | ok | f:384  | c:49 notification"#]],
    );
}

/// The layer's span and the SDK's begin in the same microsecond: whichever is read first, it is one hop.
#[test]
fn two_spans_of_one_delivery_that_begin_together() {
    let sdk = |id| {
        Span::new("a", id, "worker", "process x", 50, 10)
            .processes("x", "m1", 1)
            .without("baton.receive_count")
    };
    let layer = |id| Span::new("a", id, "worker", "process x", 50, 10).processes("x", "m1", 2);
    for told in [tell(&[layer(1), sdk(2)]), tell(&[sdk(1), layer(2)])] {
        let hops = told.lines("SELECT queue, message_id, receive_count, lag_ns FROM hops");
        assert_eq!(hops, "x | m1 | 2 | -");
    }
}

#[test]
fn the_columns_of_the_design() {
    let columns = tell(&[])
        .lines("SELECT column_name FROM (DESCRIBE hops)")
        .replace('\n', " ");
    let design = "queue system message_id sent_time received_time lag_ns duration_ns receive_count batch_size outcome error dead_letter_source \
                  producer_trace_id producer_span_id producer_service consumer_trace_id consumer_span_id consumer_service";
    assert_eq!(columns, design);
}

/// The layer's span around, the SDK's within: the inner one says more, the outer one came first.
#[test]
fn two_spans_for_one_delivery() {
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            Span::new("a", 2, "worker", "layer", 50, 40)
                .below(1)
                .processes("x", "m1", 1)
                .sent(5),
            Span::new("a", 3, "worker", "handler", 51, 38).below(2),
            Span::new("a", 4, "worker", "sdk", 52, 30)
                .below(3)
                .processes("https://sqs.eu.amazonaws.com/1/x", "m1", 1)
                .with("baton.outcome", "ok"),
        ]),
        &expect!["x | m1 | 00.005 | 00.050 | 45 ms | 1 | 1 | ok | a:1 api | a:4 worker"],
    );
}

/// An SDK knows no receive count: its span belongs to the delivery that began last.
#[test]
fn an_sdk_without_a_receive_count() {
    let sdk = |id, start| {
        let mut span = Span::new("a", id, "worker", "sdk", start, 5)
            .below(id - 1)
            .processes("x", "m1", 1);
        span = span.with("baton.outcome", "ok");
        span.without("baton.receive_count")
    };
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            Span::new("a", 2, "worker", "layer", 50, 9)
                .below(1)
                .processes("x", "m1", 1),
            sdk(3, 52),
            Span::new("a", 4, "worker", "layer", 90, 9)
                .below(1)
                .processes("x", "m1", 2),
            sdk(5, 92),
        ]),
        &expect![[r#"
            x | m1 | 00.010 | 00.050 | 40 ms | 1 | 1 | ok | a:1 api | a:3 worker
            x | m1 | 00.010 | 00.090 | 80 ms | 2 | 1 | ok | a:1 api | a:5 worker"#]],
    );
    // Nobody knows a count: what overlaps is one delivery.
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            Span::new("a", 2, "worker", "outer", 50, 9)
                .below(1)
                .processes("x", "m1", 1)
                .without("baton.receive_count"),
            sdk(3, 52),
            Span::new("a", 4, "worker", "outer", 90, 9)
                .below(1)
                .processes("x", "m1", 2)
                .without("baton.receive_count"),
        ]),
        &expect![[r#"
            x | m1 | 00.010 | 00.050 | 40 ms | - | 1 | ok | a:1 api | a:3 worker
            x | m1 | 00.010 | 00.090 | 80 ms | - | 1 | ok | a:1 api | a:4 worker"#]],
    );
}

#[test]
fn redelivered_and_then_given_up() {
    let attempt = |id, start, count| {
        Span::new("a", id, "worker", "process x", start, 5)
            .below(1)
            .processes("x", "m1", count)
            .sent(4)
            .error("boom")
            .with("baton.outcome", "failed")
    };
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            attempt(2, 50, 1),
            attempt(3, 90, 2),
            Span::new("a", 4, "undertaker", "process x-dlq", 200, 5)
                .below(1)
                .processes("arn:aws:sqs:eu-central-1:1:x-dlq", "m1", 3)
                .sent(4),
        ]),
        &expect![[r#"
            x | m1 | 00.004 | 00.050 | 46 ms | 1 | 1 | failed | a:1 api | a:2 worker
            x | m1 | 00.004 | 00.090 | 86 ms | 2 | 1 | failed | a:1 api | a:3 worker
            x-dlq | m1 | 00.004 | 00.200 | 196 ms | 3 | 1 | ok | a:1 api | a:4 undertaker"#]],
    );
}

/// A batch with links, a sender that is not stored, a message without any context, an invocation that sent without a PRODUCER span.
#[test]
fn senders() {
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            Span::new("c", 2, "old-api", "handler", 0, 30).kind("SERVER"),
            Span::new("b", 10, "worker", "batch", 50, 90).batch("x", 4),
            Span::new("b", 11, "worker", "process x", 51, 5)
                .below(10)
                .processes("x", "m1", 1)
                .link("a", 1),
            Span::new("b", 12, "worker", "process x", 61, 5)
                .below(10)
                .processes("x", "m2", 1)
                .link("c", 2)
                .sent(3),
            Span::new("b", 13, "worker", "process x", 71, 5)
                .below(10)
                .processes("x", "m3", 1)
                .link("d", 99),
            Span::new("b", 14, "worker", "process x", 81, 5)
                .below(10)
                .processes("x", "m4", 1),
        ]),
        &expect![[r#"
            x | m1 | 00.010 | 00.051 | 41 ms | 1 | 4 | ok | a:1 api | b:b worker
            x | m2 | 00.003 | 00.061 | 58 ms | 1 | 4 | ok | c:2 old-api | b:c worker
            x | m3 | - | 00.071 | - | 1 | 4 | ok | d:63  | b:d worker
            x | m4 | - | 00.081 | - | 1 | 4 | ok | :  | b:e worker"#]],
    );
    // The message's context is the parent, the poller's is a link.
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
            Span::new("e", 5, "worker", "poll", 0, 100),
            Span::new("a", 2, "worker", "process x", 50, 5)
                .below(1)
                .processes("x", "m1", 1)
                .link("e", 5),
        ]),
        &expect!["x | m1 | 00.010 | 00.050 | 40 ms | 1 | 1 | ok | a:1 api | a:2 worker"],
    );
}

#[test]
fn old_names_clocks_and_nonsense() {
    let old = Span::new("a", 2, "worker", "x process", 50, 5)
        .below(1)
        .kind("CONSUMER")
        .with("messaging.system", "AmazonSQS");
    check(
        &tell(&[
            Span::new("a", 1, "api", "send x", 100, 10).sends("x"),
            old.with("messaging.operation", "process")
                .with("messaging.url", "https://sqs/1/x")
                .with("messaging.message_id", "m1"),
            Span::new("a", 3, "worker", "process x", 60, 5)
                .below(1)
                .processes("x", "m2", 1)
                .with("baton.sent_time_ms", "soon")
                .with("baton.receive_count", "-x"),
            Span::new("a", 4, "worker", "process x", 70, 5)
                .below(1)
                .processes("x", "m3", 1)
                .with("baton.sent_time_ms", i64::MAX),
            // No messages: an HTTP handler that is called CONSUMER, and a poll.
            Span::new("a", 5, "worker", "odd", 80, 5)
                .below(1)
                .kind("CONSUMER"),
            Span::new("a", 6, "worker", "receive x", 80, 5)
                .below(1)
                .processes("x", "m4", 1)
                .with("messaging.operation.type", "receive"),
        ]),
        &expect![[r#"
            x | m1 | 00.110 | 00.050 | 0 ms | - | 1 | ok | a:1 api | a:2 worker
            x | m2 | 00.110 | 00.060 | 0 ms | - | 1 | ok | a:1 api | a:3 worker
            x | m3 | 00.110 | 00.070 | 0 ms | 1 | 1 | ok | a:1 api | a:4 worker"#]],
    );
}

/// An SDK's span, which knows neither, around that of a Baton library.
#[test]
fn a_span_without_a_count_around_one_that_has_it() {
    let told = tell(&[
        Span::new("a", 1, "api", "send x", 0, 5).sends("x"),
        Span::new("a", 2, "worker", "process x", 50, 20)
            .below(1)
            .processes("x", "m1", 1)
            .without("baton.receive_count"),
        Span::new("a", 3, "worker", "process x", 51, 18)
            .below(2)
            .processes("x", "m1", 1)
            .sent(10),
    ]);
    assert_eq!(
        told.lines("SELECT queue, receive_count, lag_ns, ltrim(producer_span_id, '0') FROM hops"),
        "x | 1 | 40 ms | 1"
    );
    let waits = format!(
        "SELECT depth, queue, receive_count, duration_ns FROM waterfall('{}') WHERE kind_of_row = 'wait'",
        "a".repeat(32)
    );
    assert_eq!(told.lines(&waits), "1 | x | 1 | 40 ms");
}
