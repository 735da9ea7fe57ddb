//! examples/local-lambda
