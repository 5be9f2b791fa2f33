//! Bytes on a connection, without a client that would set them right.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server may take to give a connection up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the bytes, and reads until the other side has closed the connection.
///
/// # Panics
/// Where it stays open.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // The server may have heard enough before the end.
    let _ = stream.write_all(bytes).await;
    read_to_end(&mut stream).await
}

pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end too.
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(
        read.is_ok(),
        "the connection stays open after {}",
        String::from_utf8_lossy(&answer)
    );
    String::from_utf8_lossy(&answer).into_owned()
}

/// Of the first answer; 0 where there is none.
pub fn status(answers: &str) -> u16 {
    let line = answers
        .strip_prefix("HTTP/1.1 ")
        .or(answers.strip_prefix("HTTP/1.0 "));
    line.and_then(|it| it.get(..3)?.parse().ok())
        .unwrap_or_default()
}

/// How many answers there are.
pub fn count(answers: &str) -> usize {
    answers.matches("HTTP/1.").count()
}
