//! Reading files of the store: which are known to be right, and how their bytes get out.
//!
//! A file that was read whole, with the right digest, stays open for a while, and is not hashed again as long as nobody has changed it.
//! What of it is in the kernel's page cache is read at once, where it is asked for: a copy of some microseconds, cheaper than waking
//! another thread. Only a read that waits for the disk goes to a blocking thread.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use ouro_core::Digest;
use ouro_core::ports::artifacts::{ArtifactError, ByteStream};
use ouro_core::second_chance::SecondChance;
use rustix::io::{ReadWriteFlags, preadv2};

use crate::artifacts::{blocking, failed};

/// Read at a time: it fits into a core's cache on its way to the socket.
const CHUNK_BYTES: usize = 256 << 10;
/// Smaller files are not worth a descriptor.
const KEPT_BYTES_MIN: u64 = 256 << 10;
/// Files that stay open.
const KEPT_MAX: u64 = 128;
/// A disk can damage a file without anybody having written to it, so that it is hashed again now and then.
const RIGHT_FOR: Duration = Duration::from_secs(600);
/// Buffers that wait for their next use.
const BUFFERS_MAX: usize = 32;

/// An open file as it was when it was opened.
pub struct OpenFile {
    file: File,
    path: PathBuf,
    opened: Instant,
    stamp: Stamp,
}

/// What changes when somebody writes to a file, cuts it, or puts another in its place.
#[derive(PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self {
            size: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

impl OpenFile {
    /// Blocks.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self {
            stamp: Stamp::of(&file)?,
            file,
            path: path.to_owned(),
            opened: Instant::now(),
        })
    }

    pub fn size(&self) -> u64 {
        self.stamp.size
    }

    fn is_unchanged(&self) -> bool {
        Stamp::of(&self.file).is_ok_and(|stamp| stamp == self.stamp)
    }

    fn failed(&self, error: &io::Error) -> ArtifactError {
        failed("read", &self.path, error)
    }
}

/// Files that were found right.
pub struct RightFiles {
    kept: Mutex<SecondChance<Digest, Arc<OpenFile>>>,
    buffers: Arc<Buffers>,
}

impl fmt::Debug for RightFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.kept().weight();
        f.debug_struct("RightFiles").field("files", &files).finish()
    }
}

impl Default for RightFiles {
    fn default() -> Self {
        Self {
            kept: Mutex::new(SecondChance::new(KEPT_MAX)),
            buffers: Arc::default(),
        }
    }
}

impl RightFiles {
    /// The file, where it was found right and is still the same.
    pub fn get(&self, digest: Digest) -> Option<Arc<OpenFile>> {
        let file = self.kept().get(&digest).cloned()?;
        if file.opened.elapsed() < RIGHT_FOR && file.is_unchanged() {
            return Some(file);
        }
        self.forget(digest);
        None
    }

    /// The file was found right.
    pub fn keep(&self, digest: Digest, file: Arc<OpenFile>) {
        if file.size() >= KEPT_BYTES_MIN {
            self.kept().put(digest, file, 1);
        }
    }

    pub fn forget(&self, digest: Digest) {
        self.kept().remove(&digest);
    }

    fn kept(&self) -> MutexGuard<'_, SecondChance<Digest, Arc<OpenFile>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A part of a file that was found right. It fails where the file turns out to be another before the last byte is out.
    pub fn read_right(&self, file: Arc<OpenFile>, part: Range<u64>) -> ByteStream {
        self.read(file, part, true)
    }

    /// Bytes of which nothing is known, as far as there are some.
    pub fn read_any(&self, file: Arc<OpenFile>, part: Range<u64>) -> ByteStream {
        self.read(file, part, false)
    }

    fn read(&self, file: Arc<OpenFile>, part: Range<u64>, is_right: bool) -> ByteStream {
        let start = Reading {
            file,
            part,
            is_right,
            buffers: self.buffers.clone(),
        };
        Box::pin(stream::unfold(Some(start), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(chunk) if chunk.is_empty() => None,
                Ok(chunk) => Some((Ok(chunk), Some(reading))),
                Err(error) => Some((Err(reading.file.failed(&error)), None)),
            }
        }))
    }
}

/// What is left to be read.
struct Reading {
    file: Arc<OpenFile>,
    part: Range<u64>,
    is_right: bool,
    buffers: Arc<Buffers>,
}

impl Reading {
    /// Empty at the end.
    async fn next(&mut self) -> io::Result<Bytes> {
        let left = self.part.end.saturating_sub(self.part.start);
        if left == 0 {
            return Ok(Bytes::new());
        }
        let limit = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
        let mut buffer = Buffers::take(&self.buffers);
        buffer.filled = limit;
        let at_once = match self.is_right {
            true => read_cached(&self.file.file, buffer.room(), self.part.start),
            // Whoever hashes a file computes long enough between two chunks.
            false => None,
        };
        buffer.filled = match at_once {
            Some(read) => read?,
            None => {
                let (file, at) = (self.file.clone(), self.part.start);
                let waited = blocking(move || {
                    let read = file.file.read_at(buffer.room(), at)?;
                    Ok((buffer, read))
                });
                let read;
                (buffer, read) = waited.await?;
                read
            }
        };
        self.part.start += buffer.filled as u64;
        if self.is_right {
            self.check(buffer.filled)?;
        }
        Ok(Bytes::from_owner(buffer))
    }

    /// A file that is cut or written to while it is read must not pass for whole.
    fn check(&self, read: usize) -> io::Result<()> {
        let is_last = self.part.is_empty();
        if read == 0 || (is_last && !self.file.is_unchanged()) {
            return Err(io::Error::other("it was changed while it was read"));
        }
        Ok(())
    }
}

/// What the page cache has there; `None` where only the disk knows, or the file system cannot tell.
fn read_cached(file: &File, room: &mut [u8], at: u64) -> Option<io::Result<usize>> {
    use rustix::io::Errno;
    match preadv2(
        file,
        &mut [IoSliceMut::new(room)],
        at,
        ReadWriteFlags::NOWAIT,
    ) {
        Ok(read) => Some(Ok(read)),
        Err(Errno::AGAIN | Errno::INTR | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => None,
        Err(error) => Some(Err(error.into())),
    }
}

/// Memory that is read into, used again and again: fresh memory costs page faults, which take longer than to copy what is read.
#[derive(Default)]
struct Buffers(Mutex<Vec<Box<[u8]>>>);

impl Buffers {
    fn take(this: &Arc<Self>) -> Buffer {
        let free = this.free().pop();
        Buffer {
            bytes: free.unwrap_or_else(|| vec![0; CHUNK_BYTES].into()),
            filled: 0,
            home: this.clone(),
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Box<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Goes back to the others when it was sent.
struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
    home: Arc<Buffers>,
}

impl Buffer {
    fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.filled]
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = self.home.free();
        if free.len() < BUFFERS_MAX {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}
