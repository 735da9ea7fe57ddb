//! Heap allocations of reading and writing a context, one line each: `extract_allocs 0`.

#[path = "../inputs.rs"]
mod inputs;

use std::collections::HashMap;
use std::hint::black_box;

use allocation_counter::measure;
use anyhow::Result;
use baton_propagators::context::TraceContext;
use baton_propagators::event::Event;

fn main() -> Result<()> {
    let headers = inputs::headers(inputs::TRACEPARENT, Some(inputs::TRACESTATE));
    let context = TraceContext::extract(&headers)?;
    let extract = measure(|| drop(black_box(TraceContext::extract(black_box(&headers)))));

    // The map has both fields: what a map itself allocates for a new one is not the format's.
    let mut map = HashMap::new();
    context.inject(&mut map);
    let inject = measure(|| context.inject(black_box(&mut map)));

    let event = inputs::sqs_event(10, 20 * 1024);
    let sqs10 = measure(|| drop(black_box(Event::parse(black_box(&event)))));

    for (metric, info) in [
        ("extract_allocs", extract),
        ("inject_allocs", inject),
        ("sqs10_allocs", sqs10),
    ] {
        println!("{metric} {}", info.count_total);
    }
    Ok(())
}
