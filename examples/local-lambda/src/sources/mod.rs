//! Where invocations come from when nobody calls the function.

pub(crate) mod sqs;
