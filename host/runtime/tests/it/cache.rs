//! Native code on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::SeqCst;

use ouro_core::Digest;

use crate::guest;
use crate::host::{Settings, host_with, text};

fn native_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .expect("is there")
        .map(|entry| entry.expect("reads").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "mac"))
        .collect();
    files.sort();
    files
}

async fn answer(dir: &Path) -> String {
    let guest = guest::javascript("(call $answer (local.get $url) (i32.const 4))");
    let host = host_with(
        guest,
        Settings {
            cache_dir: Some(dir),
            ..Settings::default()
        },
    );
    text(host.get().await.expect("answers")).await
}

#[tokio::test]
async fn native_code_that_was_tampered_with_is_made_again() {
    let dir = tempfile::tempdir().expect("temporary folder");
    assert_eq!(answer(dir.path()).await, "http");
    let files = native_files(dir.path());
    assert_eq!(files.len(), 3, "base, engine and snapshot: {files:?}");
    let honest: Vec<Vec<u8>> = files
        .iter()
        .map(|file| fs::read(file).expect("reads"))
        .collect();
    for (file, honest) in files.iter().zip(&honest) {
        let mut tampered = honest.clone();
        let middle = tampered.len() / 2;
        tampered[middle] ^= 1;
        fs::write(file, tampered).expect("writes");
    }
    assert_eq!(answer(dir.path()).await, "http");
    for (file, honest) in files.iter().zip(&honest) {
        assert_eq!(fs::read(file).expect("was made again").len(), honest.len());
    }
    assert_eq!(native_files(dir.path()), files);
}

#[tokio::test]
async fn native_code_is_used_again() {
    let dir = tempfile::tempdir().expect("temporary folder");
    answer(dir.path()).await;
    let written = |file: &PathBuf| {
        fs::metadata(file)
            .and_then(|it| it.modified())
            .expect("is there")
    };
    let before: Vec<_> = native_files(dir.path()).iter().map(written).collect();
    answer(dir.path()).await;
    let after: Vec<_> = native_files(dir.path()).iter().map(written).collect();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_done_without() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let cache = dir.path().join("native");
    let guest = guest::javascript("(call $answer (local.get $url) (i32.const 4))");
    let host = host_with(
        guest,
        Settings {
            cache_dir: Some(&cache),
            ..Settings::default()
        },
    );
    fs::remove_dir(&cache).expect("is empty");
    assert_eq!(text(host.get().await.expect("answers")).await, "http");
}

#[tokio::test]
async fn a_snapshot_of_another_engine_build_is_made_again() {
    let guest = guest::javascript("(call $answer (local.get $url) (i32.const 4))");
    let old = format!("js:{}", Digest::of(b"an older engine"));
    let host = host_with(
        guest,
        Settings {
            component: Some(old.into()),
            ..Settings::default()
        },
    );
    assert_eq!(text(host.get().await.expect("answers")).await, "http");
    assert_eq!(host.builder.rebuilds.load(SeqCst), 1);
}

#[tokio::test]
async fn the_source_map_is_read_from_the_artifact() {
    let host = host_with(guest::javascript(""), Settings::default());
    let map = host.worker.source_map().await.expect("reads");
    assert_eq!(map.as_deref(), Some(b"{}".as_slice()));
}

#[tokio::test]
async fn code_beyond_the_budget_is_given_up_and_read_again() {
    let settings = Settings {
        code_bytes_max: Some(1),
        ..Settings::default()
    };
    let host = host_with(
        guest::javascript("(call $answer (local.get $url) (i32.const 4))"),
        settings,
    );
    assert_eq!(host.get().await.expect("answers").status(), 200);
    let one = host.runtime.code_bytes();
    assert!(one > 0);
    let other = host.runtime.load(host.worker.version().clone(), Vec::new());
    other.prepare().await.expect("loads");
    assert_eq!(host.runtime.code_bytes(), one, "the first is given up");
    assert_eq!(host.get().await.expect("answers").status(), 200);
    assert_eq!(host.runtime.code_bytes(), one, "the second is given up");
    drop(other);
}
