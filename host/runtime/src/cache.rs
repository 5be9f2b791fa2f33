//! Native code that this node compiled, and the snapshots of workers, on disk.
//!
//! Deserialising native code is running it. So a file counts only where an HMAC beside it, under a key of this host, proves
//! that this host wrote it under this name; anything else is deleted and made again. Files are written under another name and
//! renamed, so that a crash leaves no half of one.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hmac::{Hmac, Mac};
use sha2::Sha256;

type Hmac256 = Hmac<Sha256>;

pub(crate) struct NativeCache {
    dir: PathBuf,
    mac: Hmac256,
    /// Of wasmtime's version and settings: code made by others is never found.
    compatibility: u64,
    written: AtomicU64,
}

impl NativeCache {
    pub fn open(dir: &Path, key: &[u8; 32], engine: &wasmtime::Engine) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self {
            dir: dir.to_owned(),
            mac: Hmac256::new_from_slice(key).map_err(io::Error::other)?,
            compatibility: hasher.finish(),
            written: AtomicU64::new(0),
        })
    }

    /// The open file, where there is one and it is ours.
    pub fn get(&self, name: &str) -> Option<File> {
        let mut file = File::open(self.path(name)).ok()?;
        let is_ours = self.mac(name, &mut file).and_then(|mac| {
            file.rewind()?;
            self.verify(name, mac)
        });
        self.checked(name, is_ours, file)
    }

    /// All of the file, where there is one and it is ours.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.path(name)).ok()?;
        let mac = self.mac_of(name).chain_update(&bytes);
        self.checked(name, self.verify(name, mac), bytes)
    }

    /// What is not ours is removed.
    fn checked<T>(&self, name: &str, is_ours: io::Result<bool>, file: T) -> Option<T> {
        match is_ours {
            Ok(true) => return Some(file),
            Ok(false) => {
                tracing::warn!(
                    name,
                    "a cached file is not what this host wrote; it is made again"
                )
            }
            Err(error) => {
                tracing::warn!(name, %error, "a cached file cannot be read; it is made again")
            }
        }
        self.remove(name);
        None
    }

    /// Stores the code and answers with its file.
    pub fn put(&self, name: &str, code: &[u8]) -> io::Result<File> {
        let mac = self.mac_of(name).chain_update(code).finalize().into_bytes();
        let path = self.path(name);
        let file = self.write(&path, code)?;
        self.write(&mac_path(&path), &mac)?;
        Ok(file)
    }

    /// Forgets what turned out to be of no use.
    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        let _ = fs::remove_file(mac_path(&path));
        let _ = fs::remove_file(path);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}-{:016x}", self.compatibility))
    }

    fn verify(&self, name: &str, mac: Hmac256) -> io::Result<bool> {
        let expected = fs::read(mac_path(&self.path(name)))?;
        Ok(mac.verify_slice(&expected).is_ok())
    }

    /// Over name and contents, so that one file cannot stand for another.
    fn mac(&self, name: &str, contents: &mut impl Read) -> io::Result<Hmac256> {
        let mut mac = self.mac_of(name);
        let mut buffer = vec![0; 64 << 10];
        loop {
            match contents.read(&mut buffer)? {
                0 => return Ok(mac),
                n => mac.update(&buffer[..n]),
            }
        }
    }

    /// Before any contents.
    fn mac_of(&self, name: &str) -> Hmac256 {
        let length = (name.len() as u64).to_le_bytes();
        self.mac.clone().chain_update(length).chain_update(name)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        let number = self.written.fetch_add(1, Relaxed);
        let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
        let written = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&temporary)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.rewind()?;
                fs::rename(&temporary, path)?;
                Ok(file)
            });
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}

fn mac_path(path: &Path) -> PathBuf {
    path.with_extension("mac")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(dir: &Path, key: u8) -> NativeCache {
        NativeCache::open(dir, &[key; 32], &wasmtime::Engine::default()).expect("opens")
    }

    fn contents(mut file: File) -> Vec<u8> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("reads");
        bytes
    }

    #[test]
    fn what_was_put_is_found_again() {
        let dir = tempfile::tempdir().expect("temporary folder");
        assert_eq!(
            contents(cache(dir.path(), 1).put("a", b"code").expect("writes")),
            b"code"
        );
        assert_eq!(
            contents(cache(dir.path(), 1).get("a").expect("is there")),
            b"code"
        );
        assert!(cache(dir.path(), 1).get("b").is_none());
        assert_eq!(
            cache(dir.path(), 1).read("a").as_deref(),
            Some(&b"code"[..])
        );
        assert!(cache(dir.path(), 1).read("b").is_none());
    }

    #[test]
    fn a_changed_file_is_refused_and_deleted() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let cache = cache(dir.path(), 1);
        cache.put("a", b"code").expect("writes");
        fs::write(cache.path("a"), b"evil").expect("writes");
        assert!(cache.get("a").is_none());
        assert!(!cache.path("a").exists());
        cache.put("a", b"code").expect("writes");
        fs::write(cache.path("a"), b"evil").expect("writes");
        assert!(cache.read("a").is_none());
        assert!(!cache.path("a").exists());
    }

    #[test]
    fn another_key_a_missing_mac_and_another_name_are_refused() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let ours = cache(dir.path(), 1);
        ours.put("a", b"code").expect("writes");
        fs::copy(ours.path("a"), ours.path("b")).expect("copies");
        fs::copy(mac_path(&ours.path("a")), mac_path(&ours.path("b"))).expect("copies");
        assert!(ours.get("b").is_none(), "name");
        assert!(cache(dir.path(), 2).get("a").is_none(), "key");
        ours.put("a", b"code").expect("writes");
        fs::remove_file(mac_path(&ours.path("a"))).expect("removes");
        assert!(ours.get("a").is_none(), "missing");
    }
}
