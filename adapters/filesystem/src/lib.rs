//! Artifacts as files: `<root>/ab/<digest>`, where `ab` are the digest's first two digits.
//!
//! A file is written under `<root>/tmp`, hashed on the way, synced, and renamed to its address: an address either has
//! all of its bytes or is not there, also after a crash. What can wait for the disk runs on tokio's blocking threads, one chunk at
//! a time, so that a slow reader or writer holds no thread.

mod artifacts;
mod reading;
mod temporary;

pub use artifacts::FilesystemArtifacts;
