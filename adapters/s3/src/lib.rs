//! Artifacts in S3, or any server that speaks its protocol: objects `<prefix><digest>` in one bucket.
//!
//! An object appears under its address at once and whole: a small one by a single `PUT` after its bytes were checked, a
//! large one by a multipart upload that is only completed when the digest of all its parts holds.

mod artifacts;
mod client;
mod upload;

pub use artifacts::S3Artifacts;
pub use client::S3Config;
