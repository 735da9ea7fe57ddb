//! lambda-layer
