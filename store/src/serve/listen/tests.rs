use super::*;
use std::net::SocketAddr;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

const PATIENT: Duration = Duration::from_secs(3600);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

async fn start(connections: usize, head_timeout: Duration, router: Router) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits {
        connections,
        head_timeout,
    };
    let stopped = async move { drop(stopped.await) };
    let task = tokio::spawn(listen(listener, router, limits, stopped));
    Running {
        address,
        stop,
        task,
    }
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// All that comes until the server closes.
async fn say(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let running = start(8, Duration::from_millis(50), hello()).await;
    for beginning in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let answer = say(&mut stream, beginning).await;
        assert!(!answer.contains("hello"), "{answer}");
    }
    // Also between two requests.
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let answer = say(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_a_place() {
    let running = start(1, PATIENT, hello()).await;
    let first = TcpStream::connect(running.address).await.unwrap();
    // Only the backlog knows it.
    let mut second = TcpStream::connect(running.address).await.unwrap();
    let ask = async {
        say(
            &mut second,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await
    };
    tokio::pin!(ask);
    let early = tokio::time::timeout(Duration::from_millis(100), &mut ask).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    assert!(ask.await.ends_with("hello"));
}

#[tokio::test]
async fn what_has_begun_is_answered_and_then_it_ends() {
    let (begun_sender, begun) = oneshot::channel::<()>();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let signals = std::sync::Mutex::new(Some((begun_sender, may_go_on)));
    let signals = Arc::new(signals);
    let slow = get(async move || {
        let (begun, may_go_on) = signals.lock().unwrap().take().unwrap();
        begun.send(()).unwrap();
        may_go_on.await.unwrap();
        "late"
    });
    let running = start(8, PATIENT, Router::new().route("/", slow)).await;
    let idle = TcpStream::connect(running.address).await.unwrap();
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let ask =
        tokio::spawn(async move { say(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await });
    begun.await.unwrap();
    running.stop.send(()).unwrap();
    go_on.send(()).unwrap();
    assert!(ask.await.unwrap().ends_with("late"));
    running.task.await.unwrap();
    drop(idle);
}
