//! One checkout is one workflow: each of its spans is reached from its HTTP request over parents and links.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use crate::checkout_run::{CHECKOUTS, undisturbed};

type Id = (String, String);

#[derive(Deserialize)]
struct Span {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    service_name: String,
    name: String,
    order_id: Option<String>,
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    trace_id: String,
    span_id: String,
}

const SPANS: &str = "SELECT trace_id, span_id, parent_span_id, service_name, name, attributes['order.id'] AS order_id, links FROM spans";

#[tokio::test(flavor = "multi_thread")]
async fn every_functions_spans_are_reachable_from_the_request() {
    let spans: Vec<Span> = undisturbed().await.store.rows(SPANS).await.unwrap();
    let index: HashMap<Id, &Span> = spans
        .iter()
        .map(|span| ((span.trace_id.clone(), span.span_id.clone()), span))
        .collect();
    let downstream = downstream(&index);
    let requests: BTreeMap<&str, &Id> = index
        .iter()
        .filter(|(_, span)| span.name == "checkout.process")
        .filter_map(|(id, span)| Some((span.order_id.as_deref()?, id)))
        .collect();
    assert_eq!(requests.len(), CHECKOUTS);
    for (order, request) in requests {
        let reached = reachable(request, &downstream);
        let services: BTreeSet<&str> = reached
            .iter()
            .map(|id| index[id].service_name.as_str())
            .collect();
        assert_eq!(
            services,
            BTreeSet::from([
                "order-api",
                "inventory",
                "payment",
                "shipping",
                "notification"
            ]),
            "order {order}"
        );
        let orders: BTreeSet<&str> = reached
            .iter()
            .filter_map(|id| index[id].order_id.as_deref())
            .collect();
        assert_eq!(
            orders,
            BTreeSet::from([order]),
            "the workflow of one order holds another's spans"
        );
        let missed = index
            .iter()
            .filter(|(id, span)| span.order_id.as_deref() == Some(order) && !reached.contains(*id))
            .count();
        assert_eq!(
            missed, 0,
            "spans of {order} that its request does not lead to"
        );
    }
}

/// Which spans each span leads to. A span whose parent or link is not stored is a failure.
fn downstream(index: &HashMap<Id, &Span>) -> HashMap<Id, Vec<Id>> {
    let mut downstream: HashMap<Id, Vec<Id>> = HashMap::new();
    for (id, span) in index {
        let parent = span
            .parent_span_id
            .iter()
            .map(|parent| (span.trace_id.clone(), parent.clone()));
        let links = span
            .links
            .iter()
            .map(|link| (link.trace_id.clone(), link.span_id.clone()));
        for upstream in parent.chain(links) {
            assert!(
                index.contains_key(&upstream),
                "`{}` of {} hangs on a span that is not stored: {upstream:?}",
                span.name,
                span.service_name
            );
            downstream.entry(upstream).or_default().push(id.clone());
        }
    }
    downstream
}

fn reachable(from: &Id, downstream: &HashMap<Id, Vec<Id>>) -> HashSet<Id> {
    let mut reached = HashSet::from([from.clone()]);
    let mut open = vec![from.clone()];
    while let Some(id) = open.pop() {
        for next in downstream.get(&id).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}
