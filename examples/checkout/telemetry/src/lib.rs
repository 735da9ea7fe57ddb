//! examples/checkout/telemetry
