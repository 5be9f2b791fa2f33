//! From source text to components.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use ouro_build::{BuildOptions, Compatibility, WarmUp, build};
use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;

/// A component and its address.
#[derive(Clone, Debug)]
pub struct Component {
    pub bytes: Bytes,
    pub digest: Digest,
}

impl From<Vec<u8>> for Component {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            digest: Digest::of(&bytes),
            bytes: bytes.into(),
        }
    }
}

/// Builds a worker from TypeScript; the same text once per process.
pub fn build_worker(source: &str) -> Component {
    build_compatible_worker(source, &[])
}

/// Builds a worker from TypeScript with these compatibility flags, and no date.
pub fn build_compatible_worker(source: &str, flags: &[&str]) -> Component {
    static BUILT: OnceLock<Mutex<HashMap<Digest, Component>>> = OnceLock::new();
    let built = BUILT.get_or_init(Mutex::default);
    let key = Digest::of(format!("{flags:?}\n{source}").as_bytes());
    let lookup = || built.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(component) = lookup().get(&key) {
        return component.clone();
    }
    let folder = tempfile::tempdir().expect("a folder");
    let entry = folder.path().join("worker.ts");
    std::fs::write(&entry, source).expect("the source");
    let compatibility = Compatibility {
        date: None,
        flags: flags.iter().map(ToString::to_string).collect(),
    };
    let component = build_entry(entry, EngineKind::Worker, compatibility);
    lookup().insert(key, component.clone());
    component
}

/// As `build_worker`, for a worker that may not build, with what its project would say of compatibility.
///
/// # Errors
/// The text that a user of `ouro build` would read.
pub fn try_build_worker(
    source: &str,
    flags: &[String],
    date: Option<&str>,
) -> Result<Component, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = folder.path().join("worker.js");
    std::fs::write(&entry, source).expect("the source");
    try_build_entry_with_flags(entry, flags, date)
}

/// As `try_build_worker`, from a file: its project's `node_modules` count.
///
/// # Errors
/// The text that a user of `ouro build` would read.
pub fn try_build_entry_with_flags(
    entry: PathBuf,
    flags: &[String],
    date: Option<&str>,
) -> Result<Component, String> {
    let compatibility = Compatibility {
        date: date.map(str::to_owned),
        flags: flags.to_vec(),
    };
    try_build_entry(entry, EngineKind::Worker, compatibility)
}

/// Builds a worker and warms it up.
pub fn build_warm_worker(source: &str, requests: &[WarmUp]) -> Component {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = folder.path().join("worker.js");
    std::fs::write(&entry, source).expect("the source");
    let options = BuildOptions {
        warm_up: requests.to_vec(),
        ..options(entry, EngineKind::Worker, Compatibility::default())
    };
    let built =
        build(&options).unwrap_or_else(|error| panic!("the worker does not build: {error}"));
    Component::from(built.component)
}

/// Builds a worker that imports npm packages: those of `examples/guestbook` (Hono, zod).
pub fn build_worker_with_packages(source: &str) -> Component {
    let packages = repository().join("examples/guestbook/node_modules");
    assert!(
        packages.exists(),
        "`{}` is absent: run `make setup` first",
        packages.display()
    );
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).expect("a link");
    let entry = folder.path().join("worker.ts");
    std::fs::write(&entry, source).expect("the source");
    build_entry(entry, EngineKind::Worker, Compatibility::default())
}

/// The management API, built once per process.
pub fn management_component() -> Component {
    static BUILT: OnceLock<Component> = OnceLock::new();
    let entry = repository().join("management/src/main.ts");
    BUILT
        .get_or_init(|| build_entry(entry, EngineKind::Management, Compatibility::default()))
        .clone()
}

/// `examples/rust-component`. `make test` builds it before the tests.
pub fn rust_component() -> Component {
    let path = target_folder().join("wasm32-wasip2/release/rust_component.wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "`{}`: {error}\nhint: cargo build --release --target wasm32-wasip2 --manifest-path examples/rust-component/Cargo.toml",
            path.display()
        )
    });
    Component::from(bytes)
}

/// The folder that cargo builds into: a test is `<folder>/<profile>/deps/<test>`.
pub(crate) fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    test.ancestors()
        .nth(3)
        .expect("cargo's target folder")
        .to_owned()
}

pub(crate) fn build_entry(
    entry: PathBuf,
    kind: EngineKind,
    compatibility: Compatibility,
) -> Component {
    try_build_entry(entry.clone(), kind, compatibility)
        .unwrap_or_else(|error| panic!("`{}` does not build: {error}", entry.display()))
}

fn try_build_entry(
    entry: PathBuf,
    kind: EngineKind,
    compatibility: Compatibility,
) -> Result<Component, String> {
    let built = build(&options(entry, kind, compatibility)).map_err(|error| error.to_string())?;
    Ok(Component {
        bytes: built.component.into(),
        digest: built.digest,
    })
}

fn options(entry: PathBuf, kind: EngineKind, compatibility: Compatibility) -> BuildOptions {
    BuildOptions {
        entry,
        kind,
        standalone: false,
        minify: false,
        compatibility,
        warm_up: Vec::new(),
    }
}

/// The root of the project.
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the project's root")
}
