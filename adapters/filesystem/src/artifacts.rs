//! The artifact store on a directory.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use ouro_core::Digest;
use ouro_core::ports::artifacts::{
    Artifact, ArtifactError, ArtifactStore, ByteStream, LocalArtifacts, verified_then,
};
use sha2::{Digest as _, Sha256};

use crate::reading::{OpenFile, RightFiles};
use crate::temporary::{TemporaryFile, remove_leftovers};

/// Looked up in one turn on a blocking thread.
const LOOKUPS_PER_TURN: usize = 1_000;

/// Artifacts under one directory, which no other program writes to.
#[derive(Clone, Debug)]
pub struct FilesystemArtifacts {
    root: PathBuf,
    temporary: PathBuf,
    right: Arc<RightFiles>,
}

impl FilesystemArtifacts {
    /// Opens the store, creates its directories and removes what a killed process left half-written. Blocks shortly.
    ///
    /// # Errors
    /// `Unavailable` with the path, where the directory cannot be made or read.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ArtifactError> {
        let root = root.into();
        let temporary = root.join("tmp");
        fs::create_dir_all(&temporary).map_err(|error| failed("create", &temporary, &error))?;
        let removed =
            remove_leftovers(&temporary).map_err(|error| failed("clean", &temporary, &error))?;
        if removed > 0 {
            tracing::info!(files = removed, path = %temporary.display(), "removed half-written artifacts");
        }
        Ok(Self {
            root,
            temporary,
            right: Arc::default(),
        })
    }

    fn path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.root.join(&name[..2]).join(name)
    }

    async fn open_artifact(&self, digest: Digest) -> Result<Arc<OpenFile>, ArtifactError> {
        let path = self.path(digest);
        let at = path.clone();
        match blocking(move || OpenFile::open(&at)).await {
            Ok(file) => Ok(Arc::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ArtifactError::NotFound(digest))
            }
            Err(error) => Err(failed("open", &path, &error)),
        }
    }
}

#[async_trait]
impl ArtifactStore for FilesystemArtifacts {
    async fn put(
        &self,
        digest: Digest,
        body: ByteStream,
        limit_bytes: u64,
    ) -> Result<u64, ArtifactError> {
        let directory = self.temporary.clone();
        let created = blocking(move || TemporaryFile::create(&directory)).await;
        let (file, temporary) =
            created.map_err(|error| failed("write to", &self.temporary, &error))?;
        let (file, actual, size) = write(file, temporary.path(), body, limit_bytes).await?;
        if actual != digest {
            return Err(ArtifactError::DigestMismatch {
                expected: digest,
                actual,
            });
        }
        let root = self.root.clone();
        let target = self.path(digest);
        let at = target.clone();
        blocking(move || publish(&file, temporary, &at, &root))
            .await
            .map_err(|error| failed("write", &target, &error))?;
        Ok(size)
    }

    async fn get(&self, digest: Digest) -> Result<Artifact, ArtifactError> {
        if let Some(file) = self.right.get(digest) {
            let size = file.size();
            let body = self.right.read_right(file, 0..size);
            return Ok(Artifact { size, body });
        }
        let file = self.open_artifact(digest).await?;
        let size = file.size();
        // Past the size that the file had: one that grew must not pass the check.
        let body = self.right.read_any(file.clone(), 0..u64::MAX);
        let right = self.right.clone();
        let body = verified_then(digest, body, move || right.keep(digest, file));
        Ok(Artifact { size, body })
    }

    async fn get_range(
        &self,
        digest: Digest,
        range: Range<u64>,
    ) -> Result<Artifact, ArtifactError> {
        let right = self.right.get(digest);
        let is_right = right.is_some();
        let file = match right {
            Some(file) => file,
            None => self.open_artifact(digest).await?,
        };
        let size = file.size();
        let part = range.start.min(size)..range.end.min(size);
        let body = if is_right {
            self.right.read_right(file, part)
        } else {
            self.right.read_any(file, part)
        };
        Ok(Artifact { size, body })
    }

    async fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>, ArtifactError> {
        let mut asked = HashSet::new();
        let once = digests.iter().filter(|digest| asked.insert(**digest));
        let once: Vec<_> = once.copied().collect();
        let mut missing = Vec::new();
        for turn in once.chunks(LOOKUPS_PER_TURN) {
            let paths: Vec<_> = turn.iter().map(|digest| self.path(*digest)).collect();
            let there = blocking(move || paths.iter().map(|path| path.try_exists()).collect());
            let there: Vec<bool> = there
                .await
                .map_err(|error| failed("look into", &self.root, &error))?;
            let absent = turn.iter().zip(there).filter(|(_, there)| !there);
            missing.extend(absent.map(|(digest, _)| *digest));
        }
        Ok(missing)
    }

    async fn delete(&self, digest: Digest) -> Result<(), ArtifactError> {
        self.right.forget(digest);
        let path = self.path(digest);
        let at = path.clone();
        match blocking(move || fs::remove_file(at)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed("delete", &path, &error))
            }
            _ => Ok(()),
        }
    }

    fn local(&self) -> Option<&dyn LocalArtifacts> {
        Some(self)
    }
}

impl LocalArtifacts for FilesystemArtifacts {
    fn read(&self, digest: Digest) -> Result<Bytes, ArtifactError> {
        let path = self.path(digest);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ArtifactError::NotFound(digest));
            }
            Err(error) => return Err(failed("read", &path, &error)),
        };
        match Digest::of(&bytes) {
            actual if actual == digest => Ok(bytes.into()),
            actual => Err(ArtifactError::DigestMismatch {
                expected: digest,
                actual,
            }),
        }
    }
}

/// Writes the body and hashes it. Each chunk is on its way to the disk before the next is taken.
async fn write(
    mut file: File,
    path: &Path,
    mut body: ByteStream,
    limit_bytes: u64,
) -> Result<(File, Digest, u64), ArtifactError> {
    let mut hasher = Sha256::new();
    let mut size = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        size += chunk.len() as u64;
        if size > limit_bytes {
            return Err(ArtifactError::TooLarge { limit_bytes });
        }
        let written = blocking(move || {
            file.write_all(&chunk)?;
            hasher.update(&chunk);
            Ok((file, hasher))
        });
        (file, hasher) = written
            .await
            .map_err(|error| failed("write", path, &error))?;
    }
    Ok((file, Digest::finish(hasher), size))
}

/// Makes a whole, checked file visible under its address, and the change durable.
fn publish(file: &File, temporary: TemporaryFile, target: &Path, root: &Path) -> io::Result<()> {
    file.sync_all()?;
    let directory = target.parent().unwrap_or(root);
    match fs::create_dir(directory) {
        Ok(()) => File::open(root)?.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    temporary.keep(target)?;
    File::open(directory)?.sync_all()
}

pub async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => result,
        Err(error) => Err(io::Error::other(error)),
    }
}

pub fn failed(verb: &str, path: &Path, error: &io::Error) -> ArtifactError {
    ArtifactError::Unavailable(format!("cannot {verb} `{}`: {error}", path.display()))
}
