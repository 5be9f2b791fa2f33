//! Where an invocation comes from: a client, or another invocation of this node.
//!
//! Invocations that were begun by one another are a chain. It is bounded in depth, in number and in what the host holds for it; the
//! time limit of each ends with that of its caller.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;

use crate::exceeded::Exceeded;
use crate::meter::Shared;
use crate::worker::LoadedWorker;

/// Callers above an invocation.
const DEPTH_MAX: u8 = 16;
/// Invocations that one client's request may begin on this node.
const CALLS_MAX: u32 = 256;
/// What the host holds for all invocations of a chain: messages that wait, bodies on their way into the cache or out of it, decoders.
const HELD_BYTES_MAX: usize = 64 << 20;

/// What is known of the client that a chain began with.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientInfo {
    pub address: Option<IpAddr>,
    pub http_version: http::Version,
}

/// What all invocations of a chain share.
#[derive(Default)]
pub struct Chain {
    calls: AtomicU32,
    held_bytes: AtomicUsize,
}

impl Chain {
    /// Counts what the host is about to hold.
    ///
    /// # Errors
    /// It would be too much; the text is for the worker.
    pub fn hold(&self, bytes: usize) -> Result<(), String> {
        let before = self.held_bytes.fetch_add(bytes, Relaxed);
        if before.saturating_add(bytes) <= HELD_BYTES_MAX {
            return Ok(());
        }
        self.release(bytes);
        Err(format!(
            "the host would hold more than {HELD_BYTES_MAX} bytes for this request"
        ))
    }

    /// What was held is gone.
    pub fn release(&self, bytes: usize) {
        self.held_bytes.fetch_sub(bytes, Relaxed);
    }

    /// Counts bytes for as long as the answer lives.
    ///
    /// # Errors
    /// As for [`Chain::hold`].
    pub fn held(self: &Arc<Self>, bytes: usize) -> Result<Held, String> {
        self.hold(bytes)?;
        Ok(Held {
            chain: self.clone(),
            bytes,
        })
    }
}

/// Bytes that the host holds for a chain.
pub struct Held {
    chain: Arc<Chain>,
    bytes: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.chain.release(self.bytes);
    }
}

/// The caller of an invocation, as the one that is called knows it.
#[derive(Clone)]
pub struct Origin {
    pub(crate) chain: Arc<Chain>,
    depth: u8,
    /// When the caller's own time is over.
    pub(crate) deadline: Instant,
    pub client: ClientInfo,
    /// Name of the worker that calls.
    pub worker: String,
}

/// Why an invocation may not begin another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    /// The text begins as Cloudflare's does.
    #[error(
        "Subrequest depth limit exceeded. This request recursed through Workers too many times (limit: {DEPTH_MAX})."
    )]
    Depth,
    #[error("too many calls of other workers by one request (limit: {CALLS_MAX})")]
    Calls,
}

/// A running invocation, as what it asks the host for sees it.
#[derive(Clone)]
pub struct Caller {
    pub(crate) worker: Arc<LoadedWorker>,
    pub(crate) shared: Arc<Shared>,
}

impl Caller {
    /// The worker that calls.
    pub fn worker(&self) -> &Arc<LoadedWorker> {
        &self.worker
    }

    pub fn chain(&self) -> &Arc<Chain> {
        self.shared.chain()
    }

    /// Counts a request to others.
    ///
    /// # Errors
    /// It is one too many.
    pub fn subrequest(&self) -> Result<(), Exceeded> {
        self.shared.subrequest()
    }

    /// Waits until another subrequest may be under way. It is under way until the answer is dropped.
    pub fn turn(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        self.shared.turn()
    }

    /// What an invocation that this one begins is given.
    ///
    /// # Errors
    /// The chain is as long as it may be.
    pub fn call(&self) -> Result<Origin, CallRefused> {
        let depth = self.shared.depth() + 1;
        if depth > DEPTH_MAX {
            return Err(CallRefused::Depth);
        }
        let chain = self.shared.chain().clone();
        if chain.calls.fetch_add(1, Relaxed) >= CALLS_MAX {
            return Err(CallRefused::Calls);
        }
        Ok(Origin {
            chain,
            depth,
            deadline: self.shared.deadline(),
            client: self.shared.client,
            worker: self.worker.version().worker_name.clone(),
        })
    }
}

impl Origin {
    pub(crate) fn depth(&self) -> u8 {
        self.depth
    }
}
