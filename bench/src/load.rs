//! Loads, each on one thread: closed, where a connection sends its next request when the last answer is whole, and steady,
//! where requests come at their own pace, so that waiting is counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::client::{Connection, Request};

/// Requests of a steady load arrive at such intervals, as many at once as are due.
const TICK: Duration = Duration::from_millis(1);
/// What the server leaves waiting beyond these waits for a connection, and counts too.
const STEADY_CONNECTIONS: usize = 512;

/// In microseconds, sorted.
pub struct Latencies(Vec<u32>);

impl Latencies {
    fn new(mut all: Vec<u32>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn percentile_us(&self, share: f64) -> f64 {
        if self.0.is_empty() {
            return f64::NAN;
        }
        let at = ((self.0.len() - 1) as f64 * share).round() as usize;
        f64::from(self.0[at])
    }

    pub fn percentile_ms(&self, share: f64) -> f64 {
        self.percentile_us(share) / 1e3
    }
}

/// What one round measured.
pub struct Round {
    pub elapsed: Duration,
    pub latencies: Latencies,
}

impl Round {
    pub fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.elapsed.as_secs_f64()
    }
}

/// Loads a server from `connections` connections, which take the requests in turn.
pub fn closed(
    address: SocketAddr,
    requests: &[Request],
    connections: usize,
    duration: Duration,
) -> Result<Round> {
    block_on(async {
        let start = Instant::now();
        let end = start + duration;
        let mut tasks = JoinSet::new();
        for first in 0..connections {
            // Apart from each other, so that no two ask for the same at a time.
            let first = first * requests.len() / connections;
            let requests = requests.to_vec();
            tasks.spawn(async move { in_turn(address, &requests, first, end).await });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies.extend(done??);
        }
        Ok(Round {
            elapsed: start.elapsed(),
            latencies: Latencies::new(latencies),
        })
    })
}

async fn in_turn(
    address: SocketAddr,
    requests: &[Request],
    first: usize,
    end: Instant,
) -> Result<Vec<u32>> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    let mut at = first;
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(latencies);
        }
        connection.exchange(&requests[at % requests.len()]).await?;
        at += 1;
        latencies.push(microseconds(start.elapsed()));
    }
}

/// One request after the other on one connection.
pub fn each(address: SocketAddr, requests: &[Request]) -> Result<Vec<Duration>> {
    block_on(async {
        let mut connection = Connection::open(address).await?;
        let mut durations = Vec::with_capacity(requests.len());
        for request in requests {
            let start = Instant::now();
            connection.exchange(request).await?;
            durations.push(start.elapsed());
        }
        Ok(durations)
    })
}

/// One request on a connection that is open already when the time begins.
pub fn once(address: SocketAddr, request: &Request) -> Result<Duration> {
    Ok(each(address, std::slice::from_ref(request))?[0])
}

/// What a steady load met. A latency begins when the request is due.
pub struct Steady {
    pub latencies: Latencies,
    /// Answers of another status, and connections that broke.
    pub failures: usize,
}

/// Sends the requests in turn, so many each second, whatever comes back.
pub fn steady(
    address: SocketAddr,
    requests: &[Request],
    per_second: f64,
    duration: Duration,
) -> Result<Steady> {
    block_on(async {
        let (due, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut tasks = JoinSet::new();
        for _ in 0..STEADY_CONNECTIONS {
            let (requests, queue) = (requests.to_vec(), queue.clone());
            let connection = Connection::open(address).await?;
            tasks.spawn(as_due(address, connection, requests, queue));
        }
        pace(due, per_second, duration).await;
        let (mut latencies, mut failures) = (Vec::new(), 0);
        while let Some(done) = tasks.join_next().await {
            let (those, failed) = done??;
            latencies.extend(those);
            failures += failed;
        }
        Ok(Steady {
            latencies: Latencies::new(latencies),
            failures,
        })
    })
}

/// The number of a request, and when it was due.
type Due = (usize, Instant);

async fn pace(due: mpsc::UnboundedSender<Due>, per_second: f64, duration: Duration) {
    let mut ticks = tokio::time::interval(TICK);
    let start = Instant::now();
    let mut sent = 0;
    while start.elapsed() < duration {
        ticks.tick().await;
        let now = Instant::now();
        let until = ((now - start).as_secs_f64() * per_second) as usize;
        for number in sent..until {
            // The receivers outlive this.
            let _ = due.send((number, now));
        }
        sent = until;
    }
}

async fn as_due(
    address: SocketAddr,
    mut connection: Connection,
    requests: Vec<Request>,
    queue: Arc<Mutex<mpsc::UnboundedReceiver<Due>>>,
) -> Result<(Vec<u32>, usize)> {
    let (mut latencies, mut failures) = (Vec::new(), 0);
    loop {
        let next = queue.lock().await.recv().await;
        let Some((number, due)) = next else {
            return Ok((latencies, failures));
        };
        let request = &requests[number % requests.len()];
        if connection.exchange(request).await.is_ok() {
            latencies.push(microseconds(due.elapsed()));
        } else {
            failures += 1;
            connection = Connection::open(address).await?;
        }
    }
}

/// Clients that send their request again as soon as it has ended, however it ends, until this is dropped.
pub struct Nuisance {
    _runtime: tokio::runtime::Runtime,
    ended: Arc<AtomicU64>,
}

impl Nuisance {
    pub fn start(address: SocketAddr, requests: Vec<Request>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let ended = Arc::new(AtomicU64::new(0));
        for request in requests {
            let ended = ended.clone();
            runtime.spawn(async move {
                loop {
                    // That it fails is what it is for.
                    let _ = again_and_again(address, &request, &ended).await;
                }
            });
        }
        Ok(Self {
            _runtime: runtime,
            ended,
        })
    }

    /// Requests that have ended until now.
    pub fn ended(&self) -> u64 {
        self.ended.load(Relaxed)
    }
}

async fn again_and_again(address: SocketAddr, request: &Request, ended: &AtomicU64) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    loop {
        let answer = connection.ask(request).await;
        ended.fetch_add(1, Relaxed);
        answer?;
    }
}

fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(future)
}

fn microseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
