//! Files that are being written. Each is locked by its writer, so that what a killed process left behind can be told
//! from what a living one is writing.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A new file that is removed when dropped, unless it was kept.
pub struct TemporaryFile {
    path: PathBuf,
    kept: bool,
}

impl TemporaryFile {
    /// Blocks.
    pub fn create(directory: &Path) -> io::Result<(File, Self)> {
        let path = directory.join(format!("{:032x}", rand::random::<u128>()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        let temporary = Self { path, kept: false };
        file.try_lock()?;
        Ok((file, temporary))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the file to where it stays. Blocks.
    pub fn keep(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "a temporary file stays behind");
        }
    }
}

/// Removes the files whose writers are gone and answers with their number. Blocks.
pub fn remove_leftovers(directory: &Path) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if file.try_lock().is_ok() {
            fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}
