//! Sends below, at and above each limit, with us and without: the same outcome, whatever limit the service has today.

mod messages;
mod payloads;

use serde_json::json;

/// Around where `traceparent`, `tracestate` and the rest begin to fit.
const AROUND: [isize; 9] = [-400, -200, -120, -89, -88, -75, -1, 0, 1];

fn around(limit: usize) -> impl Iterator<Item = usize> {
    AROUND
        .into_iter()
        .map(move |delta| limit.checked_add_signed(delta).unwrap())
}

/// The same in short, for what takes megabytes.
fn near(limit: usize) -> [usize; 3] {
    [limit - 88, limit, limit + 1]
}

/// Sends each size with a plain client and with a traced one. Both `$send` are the same expression.
macro_rules! same_outcome {
    ($sdk:ident, $limits:expr, $sizes:expr, |$client:ident, $size:ident| $send:expr) => {{
        let tracing = Tracing::new();
        let front = Front::start(None, $limits).await;
        let plain = client!($sdk, &front.endpoint);
        let traced = client!($sdk, &front.endpoint, tracing.with_payloads());
        let (mut accepted, mut refused) = (0, 0);
        for $size in $sizes {
            let mut outcomes = Vec::new();
            for $client in [&plain, &traced] {
                let outcome = $send.send().await;
                outcomes.push(outcome.map(drop).map_err(|error| code(&error)));
            }
            assert_eq!(
                outcomes[0],
                outcomes[1],
                "{} with size {}",
                stringify!($sdk),
                $size
            );
            let counted = if outcomes[0].is_ok() {
                &mut accepted
            } else {
                &mut refused
            };
            *counted += 1;
        }
        assert_eq!(tracing.take().len(), accepted + refused, "a span for each");
        // Otherwise the table says nothing.
        assert!(
            accepted > 0 && refused > 0,
            "{accepted} accepted, {refused} refused"
        );
        front
    }};
}

/// A JSON object of so many bytes.
fn object(bytes: usize) -> String {
    json!({"x": "x".repeat(bytes - r#"{"x":""}"#.len())}).to_string()
}
use same_outcome;
