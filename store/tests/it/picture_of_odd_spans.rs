//! Pictures of names and trees that fit nowhere.

use expect_test::expect;

use crate::picture::check;
use crate::story::Span;

#[test]
fn names_from_anywhere() {
    let spans = [
        Span::new(
            "a",
            1,
            "注文サービス",
            "注文を受け付ける、そして在庫を確認してから支払いに進む",
            0,
            5,
        ),
        Span::new("a", 2, "x", "\u{1b}[2Jclear\nscreen", 1, 0)
            .below(1)
            .with("db.query.text", "\u{202e}evil"),
        Span::new("a", 3, "", "", 1, 1).below(1),
    ];
    check(
        &spans,
        "a",
        64,
        &expect![[r#"
        注文サービス  注文を受け付ける、そして在庫を確認してから支払い…
        workflow aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        2026-11-22 15:20:00.000 UTC
        5 ms in all · 3 spans · 3 services · no errors

                                                 0        2 ms     4 ms
        注文サービス  注文を受け付け…      5 ms  ███████████████████████
        ├ x  �evil                         0 ns  ┊   ▏    ┊        ┊
        └                                  1 ms  ┊   ▐████▏        ┊
    "#]],
    );
}

#[test]
fn deep_trees_stay_within_the_width() {
    let spans: Vec<Span> = (1..=40_u64)
        .map(|id| {
            Span::new(
                "a",
                id,
                "s",
                &format!("level {id}"),
                i64::try_from(id).unwrap(),
                80 - i64::try_from(id).unwrap(),
            )
            .below(id - 1)
        })
        .collect();
    check(
        &spans,
        "a",
        50,
        &expect![[r#"
            s  level 1
            workflow aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
            2026-11-22 15:20:00.001 UTC
            79 ms in all · 40 spans · 1 service · no errors

                                               0        50 ms
            s  level 1                  79 ms  ███████████████
            └ level 2                   78 ms  ▐██████████████
              └ level 3                 77 ms  ▐██████████████
                └ level 4               76 ms  ▐██████████████
                  └ level 5             75 ms  ▕██████████████
                    └ level 6           74 ms  ▕██████████████
                      └ level 7         73 ms  ┊▐█████████████
            …         └ level 8         72 ms  ┊▐█████████████
            …         └ level 9         71 ms  ┊▐█████████████
            …         └ level 10        70 ms  ┊▕█████████████
            …         └ level 11        69 ms  ┊▕█████████████
            …         └ level 12        68 ms  ┊ █████████████
            …         └ level 13        67 ms  ┊ ▐████████████
            …         └ level 14        66 ms  ┊ ▐████████████
            …         └ level 15        65 ms  ┊ ▕████████████
            …         └ level 16        64 ms  ┊ ▕████████████
            …         └ level 17        63 ms  ┊  ████████████
            …         └ level 18        62 ms  ┊  ▐███████████
            …         └ level 19        61 ms  ┊  ▐███████████
            …         └ level 20        60 ms  ┊  ▐███████████
            …         └ level 21        59 ms  ┊  ▕███████████
            …         └ level 22        58 ms  ┊  ▕███████████
            …         └ level 23        57 ms  ┊   ▐██████████
            …         └ level 24        56 ms  ┊   ▐██████████
            …         └ level 25        55 ms  ┊   ▐██████████
            …         └ level 26        54 ms  ┊   ▕██████████
            …         └ level 27        53 ms  ┊   ▕██████████
            …         └ level 28        52 ms  ┊    ▐█████████
            …         └ level 29        51 ms  ┊    ▐█████████
            …         └ level 30        50 ms  ┊    ▐█████████
            …         └ level 31        49 ms  ┊    ▕█████████
            …         └ level 32        48 ms  ┊    ▕█████████
            …         └ level 33        47 ms  ┊     █████████
            …         └ level 34        46 ms  ┊     ▐████████
            …         └ level 35        45 ms  ┊     ▐████████
            …         └ level 36        44 ms  ┊     ▕████████
            …         └ level 37        43 ms  ┊     ▕████████
            …         └ level 38        42 ms  ┊      ████████
            …         └ level 39        41 ms  ┊      ▐███████
            …         └ level 40        40 ms  ┊      ▐███████
        "#]],
    );
}
