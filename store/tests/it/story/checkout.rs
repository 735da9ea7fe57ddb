//! The story that the documentation and most tests tell.

use super::{CHECKOUT, Span};

/// One checkout as the example application makes it: five functions, four queues, an N+1, a slow call, a mail that fails once.
pub(crate) fn checkout() -> Vec<Span> {
    let span = |id, service: &str, name: &str, start, duration| {
        Span::new(CHECKOUT, id, service, name, start, duration)
    };
    let mut spans = vec![
        span(1, "order-api", "POST /checkout", 0, 46)
            .kind("SERVER")
            .with("http.request.method", "POST")
            .with("http.route", "/checkout")
            .with("http.response.status_code", 202)
            .with("user.id", "usr_12345")
            .with("order.id", "ord_77")
            .with("faas.invocation_id", "5d0b9c8e")
            .with("faas.coldstart", true),
        span(2, "order-api", "order.validate", 3, 9).below(1),
        span(3, "order-api", "send orders", 14, 18)
            .below(1)
            .sends("orders"),
        span(10, "inventory", "process orders", 170, 240)
            .below(3)
            .processes("orders", "m-1", 1)
            .sent(20)
            .with("baton.outcome", "ok"),
        span(11, "inventory", "inventory.reserve_items", 176, 196)
            .below(10)
            .with("order.id", "ord_77"),
        span(29, "inventory", "send payments", 378, 22)
            .below(10)
            .sends("payments"),
        span(30, "payment", "process payments", 520, 1_480)
            .below(29)
            .processes("payments", "m-2", 1)
            .sent(386)
            .with("baton.outcome", "ok"),
        span(31, "payment", "POST", 531, 1_420)
            .below(30)
            .kind("CLIENT")
            .with("http.request.method", "POST")
            .with("server.address", "provider.example")
            .with("card.brand", "amex"),
        span(32, "payment", "send shipments", 1_960, 25)
            .below(30)
            .sends("shipments"),
        span(40, "shipping", "process shipments", 2_240, 110)
            .below(32)
            .processes("shipments", "m-3", 1)
            .sent(1_970)
            .with("baton.outcome", "ok"),
        span(41, "shipping", "send notifications", 2_300, 31)
            .below(40)
            .sends("notifications"),
    ];
    for line in 0..12_u64 {
        let start = 178 + 16 * i64::try_from(line).unwrap();
        let select = span(12 + line, "inventory", "SELECT stock", start, 13)
            .below(11)
            .kind("CLIENT")
            .with("db.system.name", "sqlite");
        spans.push(select.with("db.query.text", "SELECT quantity FROM stock WHERE sku = ?"));
    }
    spans.extend(notification(
        "b",
        50,
        2_900,
        1,
        Some("550 mailbox is full: carol@example.com"),
    ));
    spans.extend(notification("c", 70, 3_600, 2, None));
    spans
}

/// A batch of two messages, the second of which belongs to somebody else.
fn notification(trace: &str, id: u64, start: i64, count: i64, failure: Option<&str>) -> Vec<Span> {
    let span = |id, name: &str, start, duration| {
        Span::new(trace, id, "notification", name, start, duration)
    };
    let outcome = if failure.is_some() { "failed" } else { "ok" };
    let mut process = span(id + 1, "process notifications", start + 20, 90)
        .below(id)
        .processes("notifications", "m-4", count)
        .link(CHECKOUT, 41);
    let mut mail = span(id + 2, "POST", start + 30, 70)
        .below(id + 1)
        .kind("CLIENT")
        .with("server.address", "mail.example");
    process = process.sent(2_310).with("baton.outcome", outcome);
    if let Some(failure) = failure {
        process = process.error(failure);
        mail = mail.error(failure);
    }
    let other = span(id + 3, "process notifications", start + 120, 60)
        .below(id)
        .processes("notifications", &format!("other-{id}"), 1);
    vec![
        span(id, "process notifications", start, 200).batch("notifications", 2),
        process,
        mail,
        other.link("f", 900).with("baton.outcome", "ok"),
    ]
}
