//! What clients see of requests that cannot be taken.

use local_lambda::{Config, FunctionConfig, LocalLambda};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bed::python;

/// The first line of the answer to a request that is written to its end before anything is read.
async fn answer(url: &str, path: &str, headers: &str, body: &[u8]) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(body).await.unwrap();
    let mut said = Vec::new();
    connection.read_to_end(&mut said).await.unwrap();
    let said = String::from_utf8_lossy(&said);
    said.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn bodies_that_cannot_be_taken() {
    let command = [python(), "-c", include_str!("runtime.py")];
    let mut function = FunctionConfig::new("f", command);
    function.function_url = true;
    let lambda = LocalLambda::start(Config::new([function])).await.unwrap();
    let doors = [
        (lambda.invoke_url(), "/2015-03-31/functions/f/invocations"),
        (lambda.function_url("f").unwrap(), "/"),
    ];
    let large = vec![b'1'; 30 * 1024 * 1024];
    let length = format!("Content-Length: {}", large.len());
    for (url, path) in doors {
        let said = answer(&url, path, &length, &large).await;
        assert_eq!(said, "HTTP/1.1 413 Payload Too Large");
        let said = answer(&url, path, "Transfer-Encoding: chunked", b"zz\r\n").await;
        assert_eq!(said, "HTTP/1.1 400 Bad Request");
    }
    assert!(lambda.function("f").unwrap().environments().is_empty());
    lambda.shutdown().await;
}
