//! A closed-loop HTTP/1.1 load on one thread: each connection sends its next request when the last answer is whole.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// What one round measured. Latencies in microseconds, sorted.
pub struct Round {
    pub requests: u64,
    pub elapsed: Duration,
    pub latencies_us: Vec<u32>,
}

impl Round {
    pub fn percentile_us(&self, share: f64) -> f64 {
        if self.latencies_us.is_empty() {
            return f64::NAN;
        }
        let at = ((self.latencies_us.len() - 1) as f64 * share).round() as usize;
        f64::from(self.latencies_us[at])
    }
}

/// Loads a server from `connections` connections, which take the requests in turn.
pub fn run(
    address: SocketAddr,
    requests: &[Request],
    connections: usize,
    duration: Duration,
) -> Result<Round> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let start = Instant::now();
        let end = start + duration;
        let mut tasks = tokio::task::JoinSet::new();
        for first in 0..connections {
            let requests = requests.to_vec();
            tasks.spawn(async move { connection(address, &requests, first, end).await });
        }
        let mut latencies_us = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies_us.extend(done??);
        }
        latencies_us.sort_unstable();
        Ok(Round {
            requests: latencies_us.len() as u64,
            elapsed: start.elapsed(),
            latencies_us,
        })
    })
}

/// One request on a connection that is open already when the time begins.
pub fn once(address: SocketAddr, request: &Request) -> Result<Duration> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut buffer = Vec::new();
            let start = Instant::now();
            exchange(&mut stream, request, &mut buffer).await?;
            Ok(start.elapsed())
        })
}

async fn connection(
    address: SocketAddr,
    requests: &[Request],
    first: usize,
    end: Instant,
) -> Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::new();
    let mut buffer = Vec::with_capacity(64 << 10);
    let mut at = first;
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(latencies);
        }
        let request = &requests[at % requests.len()];
        at += 1;
        exchange(&mut stream, request, &mut buffer).await?;
        latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

/// Sends a request and reads its answer into `buffer`.
async fn exchange(stream: &mut TcpStream, request: &Request, buffer: &mut Vec<u8>) -> Result<()> {
    stream.write_all(&request.bytes).await?;
    let status = answer(stream, buffer).await?;
    ensure!(
        status == request.status,
        "status {status} where {} was expected: {}",
        request.status,
        String::from_utf8_lossy(buffer)
    );
    Ok(())
}

/// Reads one whole answer and returns its status; its bytes stay in `buffer`.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<u16> {
    buffer.clear();
    loop {
        ensure!(
            stream.read_buf(buffer).await? > 0,
            "the server closed the connection"
        );
        if let Some(status) = whole(buffer)? {
            return Ok(status);
        }
    }
}

fn whole(buffer: &[u8]) -> Result<Option<u16>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(buffer)? else {
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
    let body = &buffer[head..];
    let done = if let Some(length) = value("content-length") {
        body.len() >= std::str::from_utf8(length)?.trim().parse::<usize>()?
    } else if value("transfer-encoding").is_some() {
        body.ends_with(b"0\r\n\r\n")
    } else if status == 204 || status == 304 {
        true
    } else {
        bail!("an answer without a length")
    };
    Ok(done.then_some(status))
}
