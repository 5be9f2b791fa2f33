//! The data directory, the lock by which one server has it to itself, and the two secrets of the host in it. Both are made once, with a
//! mode that lets nobody else read them.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};

const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;
const SECRET_BYTES: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "another server uses the data directory `{path}`\nhint: stop that server first, or give this one a folder of its own with --data-dir"
    )]
    InUse { path: PathBuf },
    #[error(
        "`{path}` cannot be locked: {error}\nhint: --data-dir wants a folder on a file system that has locks (flock)"
    )]
    Unlockable { path: PathBuf, error: io::Error },
    #[error("`{path}`: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error(
        "`{path}` can be read by others (mode {mode:o}), expected mode 600\nhint: chmod 600 {path}"
    )]
    Readable { path: PathBuf, mode: u32 },
    #[error("`{path}` does not hold 64 hex digits")]
    Damaged { path: PathBuf },
    #[error("the system has no randomness")]
    NoRandomness,
}

/// Paths below the data directory. See ARCHITECTURE.md.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// As long as it lives, no other server starts on the data directory. The kernel lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub struct DataDirLock(File);

/// A secret of the host. `Debug` hides it.
#[derive(Clone)]
pub struct HostSecret {
    pub bytes: [u8; SECRET_BYTES],
    /// True where this start has made it.
    pub created: bool,
}

impl DataDir {
    /// Opens the folder, making it where it is absent.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let result = DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(path);
        result.map_err(|error| io_error(path, error))?;
        let path = path.canonicalize().map_err(|error| io_error(path, error))?;
        Ok(Self(path))
    }

    /// Takes the directory for this server. What works beside a running one (`ouro admin`) does not take it.
    pub fn lock(&self) -> Result<DataDirLock, DataDirError> {
        let path = self.0.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_FILE)
            .open(&path)
            .map_err(|error| io_error(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(DataDirLock(file)),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse {
                path: self.0.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(DataDirError::Unlockable { path, error }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn admin_token_file(&self) -> PathBuf {
        self.0.join("admin-token")
    }

    pub fn platform_database(&self) -> PathBuf {
        self.0.join("platform.db")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.0.join("artifacts")
    }

    pub fn native_cache(&self) -> PathBuf {
        self.0.join("cache").join("native")
    }

    /// The bearer token of the management API: the file's text, 64 hex digits.
    pub fn admin_token(&self) -> Result<HostSecret, DataDirError> {
        secret(&self.admin_token_file())
    }

    /// What all other keys of the host are derived from.
    pub fn host_key(&self) -> Result<HostSecret, DataDirError> {
        secret(&self.0.join("host-key"))
    }
}

/// Reads a secret, making it where it is absent.
fn secret(path: &Path) -> Result<HostSecret, DataDirError> {
    match fs::metadata(path) {
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(DataDirError::Readable {
                    path: path.to_owned(),
                    mode,
                });
            }
            let text = fs::read_to_string(path).map_err(|error| io_error(path, error))?;
            let mut bytes = [0; SECRET_BYTES];
            hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| DataDirError::Damaged {
                path: path.to_owned(),
            })?;
            Ok(HostSecret {
                bytes,
                created: false,
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; SECRET_BYTES];
            SystemRandom::new()
                .fill(&mut bytes)
                .map_err(|_| DataDirError::NoRandomness)?;
            match create(path, &bytes) {
                // Another process was first: its secret is the one.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => secret(path),
                Err(error) => Err(io_error(path, error)),
                Ok(()) => Ok(HostSecret {
                    bytes,
                    created: true,
                }),
            }
        }
        Err(error) => Err(io_error(path, error)),
    }
}

/// Writes the file aside and links it to its name: it is whole or absent, whenever the process is killed.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let result = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(PRIVATE_FILE)
            .open(&aside)?;
        writeln!(file, "{}", hex::encode(bytes))?;
        file.sync_all()?;
        fs::hard_link(&aside, path)
    })();
    let removed = fs::remove_file(&aside);
    result.and(removed)
}

fn io_error(path: &Path, error: io::Error) -> DataDirError {
    DataDirError::Io {
        path: path.to_owned(),
        error,
    }
}

impl Drop for DataDirLock {
    /// Closing the file alone would leave the lock to a child process that has not replaced its program yet.
    fn drop(&mut self) {
        // Closing follows, which lets go of it too.
        let _ = self.0.unlock();
    }
}

impl HostSecret {
    pub fn hex(&self) -> String {
        hex::encode(self.bytes)
    }
}

impl std::fmt::Debug for HostSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_one_servers_until_it_lets_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = DataDir::open(folder.path()).expect("a data directory");
        let lock = dir.lock().expect("the lock");
        let refused = dir.lock().expect_err("a second server").to_string();
        let path = dir.path().display().to_string();
        assert!(
            refused.contains(&path) && refused.contains("--data-dir"),
            "{refused}"
        );
        drop(lock);
        dir.lock().expect("the lock of the next server");
    }

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = DataDir::open(folder.path()).expect("a data directory");
        let made = dir.admin_token().expect("a token");
        let read = dir.admin_token().expect("the token");
        assert!(made.created && !read.created);
        assert_eq!(made.hex(), read.hex());
        let mode = fs::metadata(dir.admin_token_file())
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = DataDir::open(folder.path()).expect("a data directory");
        dir.host_key().expect("a key");
        let file = folder.path().join("host-key");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
        assert!(matches!(
            dir.host_key(),
            Err(DataDirError::Readable { mode: 0o644, .. })
        ));
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = DataDir::open(folder.path()).expect("a data directory");
        dir.host_key().expect("a key");
        fs::write(folder.path().join("host-key"), "short").expect("a file");
        assert!(matches!(dir.host_key(), Err(DataDirError::Damaged { .. })));
    }
}
