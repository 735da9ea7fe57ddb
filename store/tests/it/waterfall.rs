//! `waterfall(id)`, `workflow(id)` and `trace(id)`: what is found, and in which order.

use expect_test::{Expect, expect};

use crate::story::{CHECKOUT, Span, Told, checkout, tell, trace_id};

#[track_caller]
pub(crate) fn check(told: &Told, id: &str, expected: &Expect) {
    let sql = format!(
        "SELECT concat(repeat('  ', depth), name, if(kind_of_row = 'span', concat(' ', ltrim(span_id, '0')), ''), if(linked, ' linked', ''), if(shared, ' shared', '')),
                offset_ns, duration_ns
         FROM waterfall('{}') ORDER BY position",
        trace_id(id)
    );
    expected.assert_eq(&told.lines(&sql));
}

#[test]
fn one_checkout_across_five_functions() {
    check(
        &tell(&checkout()),
        CHECKOUT,
        &expect![[r#"
        POST /checkout 1 | 0 ms | 46 ms
          order.validate 2 | 3 ms | 9 ms
          send orders 3 | 14 ms | 18 ms
            wait orders | 20 ms | 150 ms
            process orders a | 170 ms | 240 ms
              inventory.reserve_items b | 176 ms | 196 ms
                SELECT stock c | 178 ms | 13 ms
                SELECT stock d | 194 ms | 13 ms
                SELECT stock e | 210 ms | 13 ms
                SELECT stock f | 226 ms | 13 ms
                SELECT stock 10 | 242 ms | 13 ms
                SELECT stock 11 | 258 ms | 13 ms
                SELECT stock 12 | 274 ms | 13 ms
                SELECT stock 13 | 290 ms | 13 ms
                SELECT stock 14 | 306 ms | 13 ms
                SELECT stock 15 | 322 ms | 13 ms
                SELECT stock 16 | 338 ms | 13 ms
                SELECT stock 17 | 354 ms | 13 ms
              send payments 1d | 378 ms | 22 ms
                wait payments | 386 ms | 134 ms
                process payments 1e | 520 ms | 1480 ms
                  POST 1f | 531 ms | 1420 ms
                  send shipments 20 | 1960 ms | 25 ms
                    wait shipments | 1970 ms | 270 ms
                    process shipments 28 | 2240 ms | 110 ms
                      send notifications 29 | 2300 ms | 31 ms
                        wait notifications | 2310 ms | 610 ms
                        process notifications 32 shared | 2900 ms | 200 ms
                          process notifications 33 linked | 2920 ms | 90 ms
                            POST 34 | 2930 ms | 70 ms
                        wait notifications | 2310 ms | 1310 ms
                        process notifications 46 shared | 3600 ms | 200 ms
                          process notifications 47 linked | 3620 ms | 90 ms
                            POST 48 | 3630 ms | 70 ms"#]],
    );
}

/// Parents come after their children, siblings do not come in order.
#[test]
fn a_tree_by_parents_and_start() {
    let told = tell(&[
        Span::new("a", 4, "s", "grandchild", 6, 1).below(3),
        Span::new("a", 3, "s", "second", 5, 3).below(1),
        Span::new("a", 2, "s", "first", 1, 2).below(1),
        Span::new("a", 1, "s", "root", 0, 10),
        Span::new("b", 9, "s", "of another trace", 0, 10).below(1),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        root 1 | 0 ms | 10 ms
          first 2 | 1 ms | 2 ms
          second 3 | 5 ms | 3 ms
            grandchild 4 | 6 ms | 1 ms"#]],
    );
    check(&told, "e", &expect![[""]]);
}

/// Of a batch only the message that came from here counts; the invocation is context.
#[test]
fn through_a_batch() {
    let told = tell(&[
        Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
        Span::new("c", 2, "api", "send x", 1, 10).sends("x"),
        Span::new("b", 10, "worker", "batch", 50, 40).batch("x", 2),
        Span::new("b", 11, "worker", "process x", 55, 10)
            .below(10)
            .processes("x", "m1", 1)
            .link("a", 1)
            .sent(5),
        Span::new("b", 12, "worker", "process x", 66, 10)
            .below(10)
            .processes("x", "m2", 1)
            .link("c", 2)
            .sent(6),
        Span::new("b", 13, "worker", "inner", 56, 5).below(11),
        Span::new("b", 14, "worker", "send y", 57, 3)
            .below(13)
            .sends("y"),
        Span::new("b", 15, "next", "process y", 80, 5)
            .below(14)
            .processes("y", "m3", 1)
            .sent(58),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        send x 1 | 0 ms | 10 ms
          wait x | 5 ms | 50 ms
          batch a shared | 50 ms | 40 ms
            process x b linked | 55 ms | 10 ms
              inner d | 56 ms | 5 ms
                send y e | 57 ms | 3 ms
                  wait y | 58 ms | 22 ms
                  process y f | 80 ms | 5 ms"#]],
    );
    check(
        &told,
        "c",
        &expect![[r#"
        send x 2 | 0 ms | 10 ms
          wait x | 5 ms | 60 ms
          batch a shared | 49 ms | 40 ms
            process x c linked | 65 ms | 10 ms"#]],
    );
    check(
        &told,
        "b",
        &expect![[r#"
        batch a | 45 ms | 40 ms
          wait x | 0 ms | 50 ms
          process x b | 50 ms | 10 ms
            inner d | 51 ms | 5 ms
              send y e | 52 ms | 3 ms
                wait y | 53 ms | 22 ms
                process y f | 75 ms | 5 ms
          wait x | 1 ms | 60 ms
          process x c | 61 ms | 10 ms"#]],
    );
}

/// Two messages of one workflow in the same batch: the invocation stands there once, each message has its wait.
#[test]
fn two_messages_in_one_batch() {
    let told = tell(&[
        Span::new("a", 1, "api", "root", 0, 30),
        Span::new("a", 2, "api", "send x", 0, 10)
            .below(1)
            .sends("x"),
        Span::new("a", 3, "api", "send x", 12, 10)
            .below(1)
            .sends("x"),
        Span::new("b", 10, "worker", "batch", 50, 40).batch("x", 2),
        Span::new("b", 11, "worker", "process x", 55, 10)
            .below(10)
            .processes("x", "m1", 1)
            .link("a", 2),
        Span::new("b", 12, "worker", "process x", 66, 10)
            .below(10)
            .processes("x", "m2", 1)
            .link("a", 3),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        root 1 | 0 ms | 30 ms
          send x 2 | 0 ms | 10 ms
            wait x | 10 ms | 45 ms
            batch a shared | 50 ms | 40 ms
              process x b linked | 55 ms | 10 ms
              wait x | 22 ms | 44 ms
              process x c linked | 66 ms | 10 ms
          send x 3 | 12 ms | 10 ms"#]],
    );
}

#[test]
fn an_sdk_within_the_layer_waits_once() {
    let told = tell(&[
        Span::new("a", 1, "api", "send x", 0, 10).sends("x"),
        Span::new("a", 2, "worker", "layer", 50, 40)
            .below(1)
            .processes("x", "m1", 1)
            .sent(5),
        Span::new("a", 3, "worker", "handler", 51, 38).below(2),
        Span::new("a", 4, "worker", "sdk", 52, 30)
            .below(3)
            .processes("x", "m1", 1),
        Span::new("a", 5, "worker", "layer", 150, 40)
            .below(1)
            .processes("x", "m1", 2)
            .sent(5),
    ]);
    check(
        &told,
        "a",
        &expect![[r#"
        send x 1 | 0 ms | 10 ms
          wait x | 5 ms | 45 ms
          layer 2 | 50 ms | 40 ms
            handler 3 | 51 ms | 38 ms
              sdk 4 | 52 ms | 30 ms
          wait x | 5 ms | 145 ms
          layer 5 | 150 ms | 40 ms"#]],
    );
}

#[test]
fn within_one_trace() {
    let told = tell(&checkout());
    let sql = format!(
        "SELECT count(*), count(DISTINCT trace_id), count(*) FILTER (kind_of_row = 'wait') FROM waterfall('{CHECKOUT}', across := false)"
    );
    assert_eq!(told.lines(&sql), "26 | 1 | 3");
    assert_eq!(
        told.lines(&format!("SELECT count(*) FROM trace(upper('{CHECKOUT}'))")),
        "23"
    );
}

#[test]
fn any_trace_leads_to_its_workflow() {
    let told = tell(&checkout());
    let roots = |id| {
        told.lines(&format!(
            "SELECT trace_id[1:4] FROM workflow_roots('{}')",
            trace_id(id)
        ))
    };
    // The sender of the other message is not stored: its trace is no root.
    assert_eq!(roots("b"), "5b8e");
    assert_eq!(roots(CHECKOUT), "5b8e");
    assert_eq!(roots("e"), trace_id("e")[..4]);
    let spans = |id| {
        told.lines(&format!(
            "SELECT count(*), count(*) FILTER (shared) FROM workflow('{}')",
            trace_id(id)
        ))
    };
    assert_eq!(spans("b"), spans(CHECKOUT));
    assert_eq!(spans("b"), "29 | 2");
    assert_eq!(spans("e"), "0 | 0");
}
