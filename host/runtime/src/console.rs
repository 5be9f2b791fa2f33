//! Standard output and error of programs in other languages, as console lines.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ouro_core::ConsoleLevel;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::meter::Shared;

/// A longer line is cut into lines of this size.
const LINE_BYTES_MAX: usize = 16 << 10;
const WRITE_BYTES_MAX: usize = 64 << 10;

pub(crate) struct Console {
    shared: Arc<Shared>,
    level: ConsoleLevel,
}

impl Console {
    pub fn stdout(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            level: ConsoleLevel::Log,
        }
    }

    pub fn stderr(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            level: ConsoleLevel::Error,
        }
    }

    fn lines(&self) -> Lines {
        Lines {
            shared: self.shared.clone(),
            level: self.level,
            partial: Mutex::default(),
        }
    }
}

impl IsTerminal for Console {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Console {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.lines())
    }

    /// Of WASI 0.3, which the host does not offer.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

struct Lines {
    shared: Arc<Shared>,
    level: ConsoleLevel,
    partial: Mutex<Vec<u8>>,
}

impl Lines {
    fn add(&self, bytes: &[u8]) {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || partial.len() >= LINE_BYTES_MAX {
                self.emit(&partial);
                partial.clear();
            }
        }
    }

    fn emit(&self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        self.shared
            .log(self.level, String::from_utf8_lossy(line).into_owned());
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let partial = std::mem::take(
            self.partial
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        if !partial.is_empty() {
            self.emit(&partial);
        }
    }
}

#[async_trait]
impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.add(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES_MAX)
    }
}

#[async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}
