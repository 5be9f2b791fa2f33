//! Small files in memory: most requests for assets are for few of them, and each would open and read a file, or ask S3.
//!
//! A file enters whole, so its digest is checked once, when it is read; ranges of it are cut out of checked bytes. Larger files stay
//! in the store.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use ouro_core::Digest;
use ouro_core::metrics::{Counts, Sharded};
use ouro_core::ports::artifacts::{Artifact, ArtifactError, ArtifactStore};
use ouro_core::second_chance::SecondChance;
use ouro_core::version::AssetFile;

/// The largest file that is kept: about what a connection holds of a body that is streamed.
const FILE_BYTES_MAX: u64 = 256 << 10;
/// Bookkeeping of a file beside its bytes.
const OVERHEAD_BYTES: u64 = 256;

const HIT: usize = 0;
const MISS: usize = 1;

pub struct SmallFiles {
    kept: Mutex<SecondChance<Digest, Bytes>>,
    asked: Sharded<Counts<2>>,
}

impl SmallFiles {
    /// Holds at most so many bytes.
    pub fn new(bytes_max: u64) -> Self {
        Self {
            kept: Mutex::new(SecondChance::new(bytes_max)),
            asked: Sharded::default(),
        }
    }

    pub fn takes(file: &AssetFile) -> bool {
        file.size <= FILE_BYTES_MAX
    }

    /// The bytes of a small file.
    ///
    /// # Errors
    /// The store has it not, or not in the size that the version says.
    pub async fn get(
        &self,
        store: &dyn ArtifactStore,
        file: &AssetFile,
    ) -> Result<Bytes, ArtifactError> {
        let kept = self.kept().get(&file.digest).cloned();
        self.asked
            .own()
            .add(if kept.is_some() { HIT } else { MISS });
        let bytes = match kept {
            Some(bytes) => bytes,
            None => self.read(store, file).await?,
        };
        // Versions may name one digest with different sizes.
        if bytes.len() as u64 == file.size {
            Ok(bytes)
        } else {
            Err(other_size(file))
        }
    }

    async fn read(
        &self,
        store: &dyn ArtifactStore,
        file: &AssetFile,
    ) -> Result<Bytes, ArtifactError> {
        let bytes = read(store.get(file.digest).await?, file).await?;
        let weight = OVERHEAD_BYTES + bytes.len() as u64;
        self.kept().put(file.digest, bytes.clone(), weight);
        Ok(bytes)
    }

    /// Files that were in memory when they were asked for, and files that were not.
    pub fn hits_and_misses(&self) -> [u64; 2] {
        self.asked.sum()
    }

    pub fn bytes(&self) -> u64 {
        self.kept().weight()
    }

    fn kept(&self) -> MutexGuard<'_, SecondChance<Digest, Bytes>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At most the bytes that the version says.
async fn read(mut artifact: Artifact, file: &AssetFile) -> Result<Bytes, ArtifactError> {
    let mut all = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    while let Some(chunk) = artifact.body.next().await {
        let chunk = chunk?;
        if (all.len() + chunk.len()) as u64 > file.size {
            return Err(other_size(file));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.into())
}

fn other_size(file: &AssetFile) -> ArtifactError {
    ArtifactError::Unavailable(format!(
        "artifact `{}` has not the {} bytes that the version says",
        file.digest, file.size
    ))
}

#[cfg(test)]
mod tests {
    use ouro_core::ports::artifacts::MemoryArtifacts;

    use super::*;

    fn file(bytes: &[u8]) -> AssetFile {
        AssetFile {
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            content_type: String::new(),
        }
    }

    /// Files that differ in their first byte.
    fn stored(store: &MemoryArtifacts, count: u8, len: usize) -> Vec<AssetFile> {
        let contents = |first| [vec![first], vec![0; len - 1]].concat();
        let stored = (0..count).map(contents).map(|contents| {
            let file = file(&contents);
            store.put_unchecked(file.digest, contents.into());
            file
        });
        stored.collect()
    }

    #[tokio::test]
    async fn a_file_is_read_from_the_store_once() {
        let store = MemoryArtifacts::default();
        let small = SmallFiles::new(1 << 20);
        let file = &stored(&store, 1, 100)[0];
        let first = small.get(&store, file).await.expect("is stored");
        store.delete(file.digest).await.expect("is deleted");
        assert_eq!(small.get(&store, file).await.expect("is kept"), first);
        assert_eq!(small.hits_and_misses(), [1, 1]);
        assert_eq!(small.bytes(), OVERHEAD_BYTES + 100);
    }

    #[tokio::test]
    async fn files_that_nobody_asks_for_make_room() {
        let store = MemoryArtifacts::default();
        let len = 1000;
        let bytes_max = 3 * (OVERHEAD_BYTES + len as u64);
        let small = SmallFiles::new(bytes_max);
        let files = stored(&store, 9, len);
        for file in &files {
            small.get(&store, file).await.expect("is stored");
            // Kept by being asked for.
            small.get(&store, &files[0]).await.expect("is stored");
            assert!(small.bytes() <= bytes_max);
        }
        let [_, misses] = small.hits_and_misses();
        assert_eq!(misses, 9, "the first file was not read again");
    }

    #[tokio::test]
    async fn what_does_not_fit_at_all_is_answered_and_not_kept() {
        let store = MemoryArtifacts::default();
        let small = SmallFiles::new(0);
        let file = &stored(&store, 1, 100)[0];
        assert_eq!(small.get(&store, file).await.expect("is stored").len(), 100);
        assert_eq!(small.bytes(), 0);
    }

    #[tokio::test]
    async fn a_damaged_file_is_not_kept() {
        let store = MemoryArtifacts::default();
        let small = SmallFiles::new(1 << 20);
        let file = file(b"right");
        store.put_unchecked(file.digest, Bytes::from_static(b"wrong"));
        let read = small.get(&store, &file).await;
        assert!(matches!(read, Err(ArtifactError::DigestMismatch { .. })));
        store.put_unchecked(file.digest, Bytes::from_static(b"right"));
        let read = small.get(&store, &file).await;
        assert_eq!(read.expect("is mended"), "right");
        // Damage that comes later is not seen.
        store.put_unchecked(file.digest, Bytes::from_static(b"wrong"));
        let read = small.get(&store, &file).await;
        assert_eq!(read.expect("is kept"), "right");
    }

    #[tokio::test]
    async fn a_size_that_is_not_the_files_is_refused_from_memory_too() {
        let store = MemoryArtifacts::default();
        let small = SmallFiles::new(1 << 20);
        let right = stored(&store, 1, 100).remove(0);
        for size in [99, 101] {
            let wrong = AssetFile {
                size,
                ..right.clone()
            };
            for _ in 0..2 {
                let read = small.get(&store, &wrong).await;
                assert!(matches!(read, Err(ArtifactError::Unavailable(_))), "{size}");
            }
            small.get(&store, &right).await.expect("the right size");
        }
    }
}
