//! examples/checkout/demo
