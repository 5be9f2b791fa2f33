//! Inputs under version control: valid examples of each format, and every input that ever failed. A target's are the files in its folder.

use std::io;
use std::path::{Path, PathBuf};

use ouro_core::Digest;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The files of a target with their paths, in the order of their names.
///
/// # Errors
/// The folder or a file cannot be read. No folder is no error.
pub fn read(corpus: &Path, target: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = corpus.join(target);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut files = files.collect::<io::Result<Vec<_>>>()?;
    files.sort();
    files
        .into_iter()
        .map(|path| std::fs::read(&path).map(|bytes| (path, bytes)))
        .collect()
}

/// Keeps an input that failed.
///
/// # Errors
/// The file cannot be written.
pub fn keep(corpus: &Path, target: &str, input: &[u8]) -> io::Result<PathBuf> {
    let folder = corpus.join(target);
    std::fs::create_dir_all(&folder)?;
    let digest = Digest::of(input).to_string();
    let path = folder.join(format!("failed-{}", &digest[..12]));
    std::fs::write(&path, input)?;
    Ok(path)
}
