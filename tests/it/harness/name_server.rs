//! A DNS server for which every name is 127.0.0.1: RFC 1035, one question, UDP.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::AbortHandle;

const HEADER_BYTES: usize = 12;

#[derive(Debug)]
pub(crate) struct NameServer {
    address: Ipv4Addr,
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

// === impl NameServer ===

impl NameServer {
    /// On port 53, where resolvers ask, of a loopback address that is free.
    pub(crate) async fn start() -> Self {
        let mut last = None;
        for number in 1..100 {
            let address = Ipv4Addr::new(127, 53, 53, number);
            match UdpSocket::bind((address, 53)).await {
                Ok(socket) => {
                    let asked = Arc::<Mutex<Vec<String>>>::default();
                    let task = tokio::spawn(answer_all(socket, Arc::clone(&asked)));
                    let task = task.abort_handle();
                    return Self {
                        address,
                        asked,
                        task,
                    };
                }
                Err(error) => last = Some(error),
            }
        }
        panic!("no name server on port 53, which needs the rights of root: {last:?}");
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The names that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer_all(socket: UdpSocket, asked: Arc<Mutex<Vec<String>>>) {
    let mut buffer = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let (name, answer) = answer(&buffer[..length]);
        asked.lock().unwrap().push(name);
        let _ = socket.send_to(&answer, from).await;
    }
}

/// The name of a question, and its answer: an address for `A`, nothing for other types.
fn answer(question: &[u8]) -> (String, Vec<u8>) {
    let (mut labels, mut at) = (Vec::new(), HEADER_BYTES);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
        at = end;
    }
    // The end of the name, type and class.
    let end = at + 5;
    let is_a = question[at + 1..at + 3] == [0, 1];
    let mut answer = question[..2].to_vec();
    // A response, recursion wanted and available; one question, no or one answer.
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
    answer.extend(&question[HEADER_BYTES..end]);
    if is_a {
        // The name above, A, IN, a minute, four bytes.
        answer.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    (labels.join("."), answer)
}
