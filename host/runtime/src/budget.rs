//! What workers' code takes of this host: bytes of memory, and file descriptors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

pub(crate) struct Budget {
    bytes: AtomicU64,
    files: AtomicU32,
    files_max: u32,
}

/// A part of the budget, until it is dropped.
pub(crate) struct Held {
    bytes: u64,
    files: u32,
    of: Arc<Budget>,
}

impl Budget {
    pub fn new(files_max: u32) -> Self {
        Self {
            bytes: AtomicU64::new(0),
            files: AtomicU32::new(0),
            files_max,
        }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    pub fn hold(self: &Arc<Self>, bytes: usize) -> Held {
        let mut held = Held {
            bytes: 0,
            files: 0,
            of: self.clone(),
        };
        held.grow(bytes);
        held
    }

    /// `None` where there are as many as may be.
    pub fn hold_file(self: &Arc<Self>) -> Option<Held> {
        let held = Held {
            bytes: 0,
            files: 1,
            of: self.clone(),
        };
        let before = self.files.fetch_add(1, Relaxed);
        (before < self.files_max).then_some(held)
    }
}

impl Held {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn budget(&self) -> &Arc<Budget> {
        &self.of
    }

    pub fn grow(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.of.bytes.fetch_add(bytes as u64, Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of.bytes.fetch_sub(self.bytes, Relaxed);
        self.of.files.fetch_sub(self.files, Relaxed);
    }
}

#[cfg(test)]
impl Default for Budget {
    fn default() -> Self {
        Self::new(16)
    }
}
