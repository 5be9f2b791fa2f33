//! A small HTTP/1.1 client that costs little: requests are bytes made in advance, and a long body is counted, not kept.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is kept of an answer at most; more than any head has.
const KEPT_BYTES: usize = 256 << 10;
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A request as bytes, and the status that answers it.
#[derive(Clone)]
pub struct Request {
    pub bytes: Vec<u8>,
    pub status: u16,
}

impl Request {
    pub fn get(host: &str, path: &str) -> Self {
        Self {
            bytes: format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").into_bytes(),
            status: 200,
        }
    }

    pub fn post_json(host: &str, path: &str, body: &str, status: u16) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self {
            bytes: [head.as_bytes(), body.as_bytes()].concat(),
            status,
        }
    }
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(KEPT_BYTES),
        })
    }

    /// Sends a request and reads its whole answer.
    pub async fn exchange(&mut self, request: &Request) -> Result<()> {
        let status = self.ask(request).await?;
        ensure!(
            status == request.status,
            "status {status} where {} was expected: {}",
            request.status,
            String::from_utf8_lossy(&self.buffer)
        );
        Ok(())
    }

    /// The status that the whole answer to a request has.
    pub async fn ask(&mut self, request: &Request) -> Result<u16> {
        self.stream.write_all(&request.bytes).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        match head.body {
            Body::Length(length) => self.read_length(head.bytes + length).await?,
            Body::Chunked => self.read_chunked().await?,
        }
        Ok(head.status)
    }

    async fn read_length(&mut self, mut left: usize) -> Result<()> {
        while self.buffer.len() < left {
            if self.buffer.len() == KEPT_BYTES {
                left -= KEPT_BYTES;
                self.buffer.clear();
            }
            self.read().await?;
        }
        Ok(())
    }

    /// No body of these benchmarks has the last chunk's bytes inside.
    async fn read_chunked(&mut self) -> Result<()> {
        while !self.buffer.ends_with(LAST_CHUNK) {
            if self.buffer.len() == KEPT_BYTES {
                self.buffer.drain(..KEPT_BYTES - LAST_CHUNK.len());
            }
            self.read().await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        let room = KEPT_BYTES - self.buffer.len();
        ensure!(room > 0, "the head of an answer is too long");
        let mut limited = (&mut self.stream).take(room as u64);
        ensure!(
            limited.read_buf(&mut self.buffer).await? > 0,
            "the server closed the connection"
        );
        Ok(())
    }
}

struct Head {
    status: u16,
    bytes: usize,
    body: Body,
}

enum Body {
    Length(usize),
    Chunked,
}

fn head(buffer: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(bytes) = response.parse(buffer)? else {
        return Ok(None);
    };
    let status = response.code.context("no status")?;
    let value = |name: &str| {
        response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    };
    let body = if let Some(length) = value("content-length") {
        Body::Length(std::str::from_utf8(length)?.trim().parse()?)
    } else if value("transfer-encoding").is_some() {
        Body::Chunked
    } else if status == 204 || status == 304 {
        Body::Length(0)
    } else {
        bail!("an answer without a length")
    };
    Ok(Some(Head {
        status,
        bytes,
        body,
    }))
}
