//! The conformance suite on real directories, and what only a file system does: full disks, damage, killed writers.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use ouro_adapter_filesystem::FilesystemArtifacts;
use ouro_core::Digest;
use ouro_core::ports::artifacts::conformance::{self, body, sample};
use ouro_core::ports::artifacts::{ArtifactError, ArtifactStore, read_all};

const LIMIT_BYTES: u64 = 64 << 20;

fn store() -> (tempfile::TempDir, FilesystemArtifacts) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let store = FilesystemArtifacts::open(directory.path()).expect("open");
    (directory, store)
}

async fn put(store: &FilesystemArtifacts, bytes: &Bytes) -> Digest {
    let digest = Digest::of(bytes);
    store
        .put(digest, body(bytes), LIMIT_BYTES)
        .await
        .expect("put");
    digest
}

fn file_of(root: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    root.join(&name[..2]).join(name)
}

fn temporary_files(root: &Path) -> usize {
    fs::read_dir(root.join("tmp")).expect("tmp").count()
}

#[tokio::test]
async fn the_filesystem_passes_the_conformance_suite() {
    let (directory, store) = store();
    conformance::run(&store).await;
    assert_eq!(
        temporary_files(directory.path()),
        0,
        "nothing is left half-written"
    );
}

#[tokio::test]
async fn an_artifact_lies_under_its_first_two_digits() {
    let (directory, store) = store();
    let bytes = sample("address", 10);
    let digest = put(&store, &bytes).await;
    let file = fs::read(file_of(directory.path(), digest)).expect("the file");
    assert_eq!(file, bytes);
}

#[tokio::test]
async fn artifacts_outlive_the_store() {
    let (directory, store) = store();
    let bytes = sample("durable", 10);
    let digest = put(&store, &bytes).await;
    drop(store);
    let store = FilesystemArtifacts::open(directory.path()).expect("open again");
    assert_eq!(read_all(&store, digest).await.expect("read"), bytes);
}

/// Reads until an error and answers with it and the bytes that came before.
async fn read_damaged(store: &FilesystemArtifacts, digest: Digest) -> (usize, ArtifactError) {
    let mut artifact = store.get(digest).await.expect("get");
    let mut read = 0;
    while let Some(chunk) = artifact.body.next().await {
        match chunk {
            Ok(chunk) => read += chunk.len(),
            Err(error) => return (read, error),
        }
    }
    panic!("a damaged artifact was read to its end");
}

#[tokio::test]
async fn a_damaged_file_is_never_read_as_whole() {
    let (directory, store) = store();
    let bytes = sample("damaged", 500_000);
    let mut flipped = bytes.to_vec();
    flipped[3] ^= 1;
    let cut = bytes[..400_000].to_vec();
    let grown = [&bytes[..], b"!"].concat();
    for damaged in [flipped, cut, grown, Vec::new()] {
        let digest = put(&store, &bytes).await;
        fs::write(file_of(directory.path(), digest), &damaged).expect("damage");
        let (read, error) = read_damaged(&store, digest).await;
        assert!(
            matches!(error, ArtifactError::DigestMismatch { .. }),
            "{error}"
        );
        assert!(
            read < damaged.len() || damaged.is_empty(),
            "the last bytes are held back"
        );
    }
    let digest = put(&store, &bytes).await;
    assert_eq!(
        read_all(&store, digest).await.expect("read"),
        bytes,
        "storing again mends it"
    );
}

/// Large enough to stay open once it was found right.
async fn put_and_read(store: &FilesystemArtifacts, name: &str) -> (Bytes, Digest) {
    let bytes = sample(name, 900_000);
    let digest = put(store, &bytes).await;
    for _ in 0..2 {
        assert_eq!(read_all(store, digest).await.expect("read"), bytes);
    }
    (bytes, digest)
}

/// What is written to a file in its place, at a moment that differs from all others.
fn damage(root: &Path, digest: Digest, contents: &[u8]) {
    let file = OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(file_of(root, digest));
    let mut file = file.expect("the file");
    file.write_all(contents).expect("damage");
    let moment = std::time::UNIX_EPOCH + std::time::Duration::from_secs(contents.len() as u64);
    file.set_modified(moment).expect("a moment");
}

#[tokio::test]
async fn damage_to_a_file_that_was_right_before_is_seen() {
    let (directory, store) = store();
    let (bytes, digest) = put_and_read(&store, "right before").await;
    let mut flipped = bytes.to_vec();
    flipped[3] ^= 1;
    for damaged in [&flipped, &bytes[..800_000], b""] {
        damage(directory.path(), digest, damaged);
        let (_, error) = read_damaged(&store, digest).await;
        assert!(
            matches!(error, ArtifactError::DigestMismatch { .. }),
            "{error}"
        );
    }
    damage(directory.path(), digest, &bytes);
    assert_eq!(read_all(&store, digest).await.expect("mended"), bytes);
}

#[tokio::test]
async fn a_file_that_is_changed_while_it_is_read_does_not_pass_for_whole() {
    let (directory, store) = store();
    let (bytes, digest) = put_and_read(&store, "changed meanwhile").await;
    let mut flipped = bytes.to_vec();
    flipped[899_999] ^= 1;
    for damaged in [&flipped[..], &bytes[..400_000], &bytes[..899_999]] {
        assert_eq!(read_all(&store, digest).await.expect("is right"), bytes);
        let mut artifact = store.get(digest).await.expect("get");
        assert!(artifact.body.next().await.expect("a chunk").is_ok());
        damage(directory.path(), digest, damaged);
        let rest: Vec<_> = artifact.body.collect().await;
        assert!(matches!(rest.last(), Some(Err(_))), "it passed for whole");
        damage(directory.path(), digest, &bytes);
    }
}

#[tokio::test]
async fn a_file_in_the_place_of_one_that_was_right_is_hashed() {
    let (directory, store) = store();
    let (bytes, digest) = put_and_read(&store, "swapped").await;
    let other = directory.path().join("other");
    fs::write(&other, sample("another", bytes.len())).expect("write");
    fs::rename(&other, file_of(directory.path(), digest)).expect("swap");
    let (_, error) = read_damaged(&store, digest).await;
    assert!(matches!(error, ArtifactError::DigestMismatch { .. }));
    put(&store, &bytes).await;
    assert_eq!(read_all(&store, digest).await.expect("mended"), bytes);
}

#[tokio::test]
async fn a_file_that_was_right_is_gone_when_it_is_deleted() {
    let (directory, store) = store();
    let (_, deleted) = put_and_read(&store, "deleted").await;
    store.delete(deleted).await.expect("delete");
    let (_, removed) = put_and_read(&store, "removed by hand").await;
    fs::remove_file(file_of(directory.path(), removed)).expect("remove");
    for digest in [deleted, removed] {
        let read = store.get(digest).await.map(|artifact| artifact.size);
        assert!(matches!(read, Err(ArtifactError::NotFound(_))), "{read:?}");
    }
}

#[tokio::test]
async fn ranges_of_a_file_that_was_right_are_cut_out() {
    let (_directory, store) = store();
    let (bytes, digest) = put_and_read(&store, "ranges").await;
    for range in [0..1, 300_000..700_000, 899_999..2_000_000, 900_000..900_001] {
        let part = store.get_range(digest, range.clone()).await.expect("get");
        assert_eq!(part.size, 900_000);
        let chunks: Vec<_> = part
            .body
            .map(|chunk| chunk.expect("a chunk"))
            .collect()
            .await;
        let end = bytes.len().min(range.end as usize);
        assert_eq!(
            chunks.concat(),
            bytes[range.start as usize..end],
            "{range:?}"
        );
    }
}

/// Memory that was sent is read into again, but none that somebody still holds.
#[tokio::test]
async fn chunks_that_are_held_stay_as_they_are() {
    let (_directory, store) = store();
    let (bytes, digest) = put_and_read(&store, "held").await;
    let (others, other) = put_and_read(&store, "beside it").await;
    let mut held = Vec::new();
    let mut artifact = store.get(digest).await.expect("get");
    while let Some(chunk) = artifact.body.next().await {
        held.push(chunk.expect("a chunk"));
        assert_eq!(read_all(&store, other).await.expect("read"), others);
    }
    assert_eq!(held.concat(), bytes);
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let file = directory.path().join("file");
    fs::write(&file, "in the way").expect("write");
    let error = FilesystemArtifacts::open(&file).expect_err("a file is no directory");
    assert!(matches!(error, ArtifactError::Unavailable(_)));
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn a_store_that_breaks_while_it_runs_is_named() {
    let (directory, store) = store();
    let bytes = sample("breaks", 10);
    let digest = Digest::of(&bytes);
    let prefix = directory.path().join(&digest.to_string()[..2]);
    fs::write(&prefix, "in the way").expect("write");
    for error in [
        store.put(digest, body(&bytes), LIMIT_BYTES).await.err(),
        store.get(digest).await.err(),
        store.missing(&[digest]).await.err(),
    ] {
        let Some(ArtifactError::Unavailable(text)) = error else {
            panic!("{error:?}");
        };
        assert!(text.contains("Not a directory"), "{text}");
        assert!(
            text.contains(&directory.path().display().to_string()),
            "{text}"
        );
    }
    assert_eq!(temporary_files(directory.path()), 0);
}

/// Set for a copy of this test program that a test runs as a process of its own: the store's directory.
const CHILD_ROOT: &str = "OURO_TEST_STORE";

/// This test program, running one test alone, after `shell` commands.
fn child(shell: &str, test: &str, root: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{shell} exec \"$@\""))
        .arg("sh")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(CHILD_ROOT, root);
    command
}

/// A limit on file sizes stands in for a full disk: the same write fails, and it needs no mount.
#[tokio::test]
async fn a_full_disk_stores_nothing_and_says_so() {
    let bytes = sample("full disk", 3 << 20);
    let digest = Digest::of(&bytes);
    if let Some(root) = std::env::var_os(CHILD_ROOT) {
        let store = FilesystemArtifacts::open(root).expect("open");
        let error = store.put(digest, body(&bytes), LIMIT_BYTES).await;
        let error = error.expect_err("the disk is full");
        assert!(matches!(error, ArtifactError::Unavailable(_)), "{error}");
        assert!(error.to_string().contains("File too large"), "{error}");
        put(&store, &sample("small", 100)).await;
        return;
    }
    let (directory, store) = store();
    let limited = "trap '' XFSZ; ulimit -f 1024;";
    let status = child(
        limited,
        "a_full_disk_stores_nothing_and_says_so",
        directory.path(),
    )
    .status()
    .expect("run");
    assert!(status.success());
    assert_eq!(temporary_files(directory.path()), 0);
    assert_eq!(store.missing(&[digest]).await.expect("missing"), [digest]);
}

/// Starts a process that stalls in the middle of a put, and waits until it does.
fn stalled_writer(root: &Path) -> Child {
    let mut writer = child("", "a_killed_writer_leaves_nothing", root)
        .stdout(Stdio::piped())
        .spawn()
        .expect("run");
    let output = writer.stdout.take().expect("piped");
    let mut lines = BufReader::new(output).lines();
    assert!(
        lines.any(|line| line.expect("a line").contains("half-written")),
        "the writer gets to the middle"
    );
    writer
}

#[tokio::test]
async fn a_killed_writer_leaves_nothing() {
    let bytes = sample("killed", 1 << 20);
    let whole = Digest::of(&[&bytes[..], b"the rest"].concat());
    if let Some(root) = std::env::var_os(CHILD_ROOT) {
        let store = FilesystemArtifacts::open(root).expect("open");
        let stalled = stream::once(async {
            println!("half-written");
            std::io::stdout().flush().expect("flush");
            std::future::pending().await
        });
        let body = Box::pin(body(&bytes).chain(stalled));
        let _ = store.put(whole, body, LIMIT_BYTES).await;
        return;
    }
    let (directory, _) = store();
    let mut writer = stalled_writer(directory.path());
    FilesystemArtifacts::open(directory.path()).expect("open beside a writer");
    assert_eq!(
        temporary_files(directory.path()),
        1,
        "a living writer keeps its file"
    );

    writer.kill().expect("kill -9");
    writer.wait().expect("wait");
    assert_eq!(temporary_files(directory.path()), 1);
    let store = FilesystemArtifacts::open(directory.path()).expect("open after the crash");
    assert_eq!(
        temporary_files(directory.path()),
        0,
        "a dead one's is removed"
    );
    assert_eq!(store.missing(&[whole]).await.expect("missing"), [whole]);
}

#[tokio::test]
async fn a_slow_reader_holds_no_thread_and_little_memory() {
    let (directory, store) = store();
    let digest = put(&store, &sample("slow", 8 << 20)).await;
    // More readers than tokio has blocking threads, each stopped after its first chunk.
    let mut readers = Vec::new();
    for _ in 0..600 {
        let mut artifact = store.get(digest).await.expect("get");
        let first = artifact.body.next().await.expect("a chunk").expect("read");
        assert!(first.len() <= 256 << 10);
        readers.push(artifact);
    }
    put(&store, &sample("beside slow readers", 10)).await;
    drop(readers);
    let file = file_of(directory.path(), digest);
    OpenOptions::new()
        .write(true)
        .open(file)
        .expect("still there");
}
