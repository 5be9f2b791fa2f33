//! Answers that no HTTP library would write: `.asis` files, a field with a null byte, chunks that are none.

use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt,
};
use tokio::time::sleep;

use super::Site;
use super::asked::unescape;

/// How a connection begins.
pub enum Opening {
    Http,
    /// The path and query of a request for this module.
    Raw(String),
    /// TLS where there is none: `https:` fails at once.
    Tls,
}

/// Nothing is taken from the connection. A head that does not come at once is not for this module.
pub async fn look(stream: &mut (impl AsyncBufRead + Unpin)) -> Opening {
    const TLS_HANDSHAKE: u8 = 0x16;
    let start = stream.fill_buf().await.unwrap_or_default();
    if start.first() == Some(&TLS_HANDSHAKE) {
        return Opening::Tls;
    }
    let text = String::from_utf8_lossy(start);
    match text.split_once("\r\n") {
        Some((line, _)) => opening(line),
        None => Opening::Http,
    }
}

fn opening(request_line: &str) -> Opening {
    let target = request_line.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let known = path.ends_with(".asis")
        || path.ends_with("/bad-chunk-encoding.py")
        || path.ends_with("/xhr/resources/parse-headers.py");
    if known {
        Opening::Raw(target.to_owned())
    } else {
        Opening::Http
    }
}

/// Answers and closes. These requests have no body.
pub async fn answer(site: &Site, stream: &mut (impl AsyncRead + AsyncWrite + Unpin), target: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // A client that has gone away reads no answer.
    let _ = if path.ends_with(".asis") {
        as_is(site, stream, path).await
    } else if path.ends_with("/parse-headers.py") {
        custom_header(stream, query).await
    } else {
        bad_chunks(stream, query).await
    };
    let _ = stream.shutdown().await;
}

async fn as_is(
    site: &Site,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    path: &str,
) -> std::io::Result<()> {
    let contents = super::files::read(&site.root, path).unwrap_or_default();
    // The head ends where the file does not end it.
    stream.write_all(&contents).await?;
    stream.write_all(b"\r\n\r\n").await
}

async fn custom_header(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    query: &str,
) -> std::io::Result<()> {
    let value = query.strip_prefix("my-custom-header=").unwrap_or_default();
    let mut head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nMy-Custom-Header: ".to_vec();
    head.extend(unescape(value));
    head.extend(b"\r\n\r\n");
    stream.write_all(&head).await
}

async fn bad_chunks(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    query: &str,
) -> std::io::Result<()> {
    let number = |name: &str, default| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.find(|(key, _)| *key == name);
        value
            .and_then(|(_, text)| text.parse().ok())
            .unwrap_or(default)
    };
    let delay = Duration::from_millis(number("ms", 1000));
    sleep(delay).await;
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).await?;
    sleep(delay).await;
    for _ in 0..number("count", 50) {
        stream.write_all(b"a\r\nTEST_CHUNK\r\n").await?;
        sleep(delay).await;
    }
    stream.write_all(b"garbage").await
}
