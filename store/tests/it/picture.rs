//! How a workflow looks in a terminal.

use baton_store::render::waterfall::{Line, Title, draw};
use expect_test::{Expect, expect};

use crate::story::{CHECKOUT, Span, Told, checkout, tell, trace_id};

fn picture(told: &Told, id: &str, width: usize) -> String {
    let lines: Vec<Line> = told
        .ask(&format!("FROM waterfall('{}')", trace_id(id)))
        .typed()
        .unwrap();
    draw(
        &Title {
            kind: "workflow",
            id: &trace_id(id),
        },
        &lines,
        width,
    )
}

#[track_caller]
pub(crate) fn check(spans: &[Span], id: &str, width: usize, expected: &Expect) {
    let text = picture(&tell(spans), id, width);
    let plain = anstream::adapter::strip_str(&text).to_string();
    for line in plain.lines() {
        assert!(
            unicode_width::UnicodeWidthStr::width(line) <= width,
            "{line}"
        );
    }
    // The eye sees no blanks at the end, and neither does a diff.
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    expected.assert_eq(&(trimmed.join("\n") + "\n"));
}

#[test]
fn a_checkout_in_100_columns() {
    check(
        &checkout(),
        CHECKOUT,
        100,
        &expect![[r#"
        order-api  POST /checkout
        workflow 5b8efff798038103d269b633813fc60c · 2026-11-22 15:20:00.000 UTC
        3.71 s in all · 1.86 s in queues · 29 spans · 5 services · 2 errors

                                                                   0         1 s        2 s        3 s
        order-api  POST /checkout                           46 ms  ▍         ┊          ┊          ┊
        ├ order.validate                                     9 ms  ▏         ┊          ┊          ┊
        ├ send orders                                       18 ms  ▏         ┊          ┊          ┊
        ├ wait orders                                      150 ms  ░░        ┊          ┊          ┊
        └ inventory  process orders                        240 ms  ┊▕██▍     ┊          ┊          ┊
          ├ inventory.reserve_items                        196 ms  ┊▕██      ┊          ┊          ┊
          │ └ SELECT quantity FROM stock WHERE sku… ×12    156 ms  ┊▕▉▋      ┊          ┊          ┊
          ├ send payments                                   22 ms  ┊   ▎     ┊          ┊          ┊
          ├ wait payments                                  134 ms  ┊   ░░    ┊          ┊          ┊
          └ payment  process payments                      1.48 s  ┊    ▐███████████████▌          ┊
            ├ POST provider.example                        1.42 s  ┊    ▕███████████████┊          ┊
            ├ send shipments                                25 ms  ┊         ┊          ▎          ┊
            ├ wait shipments                               270 ms  ┊         ┊          ░░░░       ┊
            └ shipping  process shipments                  110 ms  ┊         ┊          ┊  ▐▎      ┊
              ├ send notifications                          31 ms  ┊         ┊          ┊  ▕▏      ┊
              ├ wait notifications                         610 ms  ┊         ┊          ┊  ░░░░░░░░┊
              ├ notification  process notifica… (shared)   200 ms  ┊         ┊          ┊         ▐█▍
              │ └ ✗ process notifications                   90 ms  ┊         ┊          ┊         ▐▍
              │   └ ✗ POST mail.example                     70 ms  ┊         ┊          ┊         ▐▎
              │       550 mailbox is full: carol@example.com
              ├ wait notifications (delivery 2)            1.31 s  ┊         ┊          ┊  ░░░░░░░░░░░░░░░
              └ notification  process notifica… (shared)   200 ms  ┊         ┊          ┊          ┊     ▕██
                └ process notifications                     90 ms  ┊         ┊          ┊          ┊      █
                  └ POST mail.example                       70 ms  ┊         ┊          ┊          ┊      ▊

        ░ in a queue   ×N done N times, durations added up   (shared) a batch that also worked for others
    "#]],
    );
}

#[test]
fn a_checkout_in_60_columns() {
    check(
        &checkout(),
        CHECKOUT,
        60,
        &expect![[r#"
        order-api  POST /checkout
        workflow 5b8efff798038103d269b633813fc60c
        2026-11-22 15:20:00.000 UTC
        3.71 s in all · 1.86 s in queues · 29 spans · 5 services
        2 errors

                                               0          2 s
        order-api  POST /checkout       46 ms  ▎          ┊
        ├ order.validate                 9 ms  ▏          ┊
        ├ send orders                   18 ms  ▏          ┊
        ├ wait orders                  150 ms  ░          ┊
        └ inventory  process orders    240 ms  ▕█▎        ┊
          ├ inventory.reserve_items    196 ms  ▕█         ┊
          │ └ SELECT quantity F… ×12   156 ms  ▕█         ┊
          ├ send payments               22 ms  ┊ ▏        ┊
          ├ wait payments              134 ms  ┊ ░        ┊
          └ payment  process paymen…   1.48 s  ┊ ▕████████┊
            ├ POST provider.example    1.42 s  ┊ ▕███████▊┊
            ├ send shipments            25 ms  ┊         ▏┊
            ├ wait shipments           270 ms  ┊         ░░░
            └ shipping  process shi…   110 ms  ┊          ┊▌
              ├ send notifications      31 ms  ┊          ┊▎
              ├ wait notifications     610 ms  ┊          ┊░░░░░
              ├ not…  proc… (shared)   200 ms  ┊          ┊    █▏
              │ └ ✗ process notific…    90 ms  ┊          ┊    ▌
              │   └ ✗ POST mail.exa…    70 ms  ┊          ┊    ▍
              │       550 mailbox is full: carol@example.com
              ├ wait n… (delivery 2)   1.31 s  ┊          ┊░░░░░░░░
              └ not…  proc… (shared)   200 ms  ┊          ┊       ▕█
                └ process notificat…    90 ms  ┊          ┊        ▌
                  └ POST mail.examp…    70 ms  ┊          ┊        ▍

        ░ in a queue   ×N done N times, durations added up
        (shared) a batch that also worked for others
    "#]],
    );
}

/// What repeats is one line, also with children of its own; what fails differently stands alone.
#[test]
fn repeated_work_is_folded() {
    let mut spans = vec![Span::new("a", 1, "shop", "GET /cart", 0, 400).kind("SERVER")];
    for item in 0..5 {
        let (id, start) = (100 + item * 10, 10 + i64::try_from(item).unwrap() * 60);
        spans.push(Span::new("a", id, "shop", "price.item", start, 50).below(1));
        let select = |offset, start| {
            Span::new("a", id + offset, "shop", "SELECT price", start, 9)
                .below(id)
                .with("db.query.text", "SELECT net\n  FROM price\n WHERE sku = ?")
        };
        spans.extend([
            select(1, start + 2),
            select(2, start + 20),
            select(3, start + 35),
        ]);
    }
    spans.push(
        Span::new("a", 200, "shop", "price.item", 320, 20)
            .below(1)
            .error("no price for sku 7"),
    );
    spans.push(Span::new("a", 300, "shop", "render", 350, 9).below(1));
    spans.push(Span::new("a", 301, "shop", "render", 370, 9).below(1));
    check(
        &spans,
        "a",
        80,
        &expect![[r#"
        shop  GET /cart
        workflow aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa · 2026-11-22 15:20:00.000 UTC
        400 ms in all · 24 spans · 1 service · 1 error

                                                         0              200 ms
        shop  GET /cart                          400 ms  ███████████████████████████████
        ├ price.item ×5                          250 ms  ▕███▋▐███▎███▉▕███▌▐███▎
        │ └ SELECT net FROM price WHERE s… ×15   135 ms  ▕▋▐▐▏▐▍▋▋ ▊▕▌▍▕▌▋▐▏▐▎▌▊
        ├ ✗ price.item                            20 ms  ┊              ┊        ▕█▎
        │   no price for sku 7
        ├ render                                   9 ms  ┊              ┊           ▋
        └ render                                   9 ms  ┊              ┊            ▕▎

        ×N done N times, durations added up
    "#]],
    );
}

#[test]
fn errors_are_told_once_where_they_began() {
    let spans = [
        Span::new("a", 1, "api", "GET /", 0, 30).error("upstream failed"),
        Span::new("a", 2, "api", "GET", 1, 28)
            .below(1)
            .error("upstream failed"),
        Span::new("a", 3, "db", "SELECT 1", 2, 20)
            .below(2)
            .error("connection reset\nby peer"),
        Span::new("a", 4, "db", "retry", 23, 4).below(2).error(""),
    ];
    check(
        &spans,
        "a",
        70,
        &expect![[r#"
        api  GET /
        workflow aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        2026-11-22 15:20:00.000 UTC
        30 ms in all · 4 spans · 2 services · 4 errors

                                           0          10 ms       20 ms
        ✗ api  GET /                30 ms  ███████████████████████████████████
        └ ✗ GET                     28 ms  ┊▐███████████████████████████████▊
          │ upstream failed
          ├ ✗ db  SELECT 1          20 ms  ┊ ▐██████████████████████▋
          │   connection reset by peer
          └ ✗ db  retry              4 ms  ┊          ┊           ┊  ▕████▌
    "#]],
    );
}

#[test]
fn colours_say_which_service_and_what_failed() {
    let text = picture(&tell(&checkout()), CHECKOUT, 100);
    for (colour, part) in [
        ("\u{1b}[36m", "order-api"),
        ("\u{1b}[31m", "550 mailbox"),
        ("\u{1b}[2m", "wait orders"),
    ] {
        assert!(text.contains(&format!("{colour}{part}")), "{part}");
    }
}
