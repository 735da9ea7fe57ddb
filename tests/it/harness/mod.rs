//! What the tests share: servers that others wrote, programs of this workspace, and ways to see what a function got.

pub(crate) mod binaries;
pub(crate) mod collector;
pub(crate) mod consumer;
#[expect(
    dead_code,
    reason = "the tests of `sqlx`, whose file it is, need MariaDB too"
)]
#[path = "../../../propagators/tests/it/sql/server.rs"]
pub(crate) mod databases;
pub(crate) mod deadline;
pub(crate) mod http;
pub(crate) mod interpreters;
pub(crate) mod layer;
pub(crate) mod name_server;
pub(crate) mod peers;
pub(crate) mod ports;
pub(crate) mod recording;
pub(crate) mod redis;
pub(crate) mod sns;
pub(crate) mod span_tree;
pub(crate) mod sqs_front;
pub(crate) mod sqs_server;
pub(crate) mod worker;
