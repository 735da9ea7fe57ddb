//! Ports for servers that cannot choose a free one themselves.

use std::net::TcpListener;

/// A port of 127.0.0.1 that was free a moment ago.
pub(crate) fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback interface has free ports");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}
