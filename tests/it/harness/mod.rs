//! What the tests share: servers that others wrote, programs of this workspace, and ways to see what a function got.

pub(crate) mod binaries;
pub(crate) mod collector;
pub(crate) mod consumer;
pub(crate) mod deadline;
pub(crate) mod http;
pub(crate) mod interpreters;
pub(crate) mod peers;
pub(crate) mod ports;
pub(crate) mod recording;
pub(crate) mod sns;
pub(crate) mod sqs_server;
pub(crate) mod worker;
