//! Engines that were compiled once, for all servers of the tests: a new data directory would have its own compiled, for seconds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ouro_build::Builder;
use ouro_core::ports::builder::{EngineKind, WorkerBuilder};
use ouro_server::Server;
use tokio::runtime::Runtime;

use crate::server::config;
use crate::source::management_component;

const KEY: &str = "host-key";
const CACHE: &str = "cache/native";

/// Gives a data directory that no server has used yet the engines, and the key that proves them.
pub fn give_to(data_dir: &Path) {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    if data_dir.join(KEY).exists() {
        return;
    }
    let made = MADE.get_or_init(|| std::thread::spawn(make).join().expect("engines"));
    copy(made, data_dir).expect("engines in the data directory");
}

/// A folder that all test processes of one build share.
fn make() -> PathBuf {
    let builder = Builder::new().expect("engines");
    let digest = builder.engine(EngineKind::Worker).digest.to_string();
    let all = std::env::temp_dir().join("ouro-test-engines");
    let folder = all.join(&digest[..16]);
    if folder.exists() {
        return folder;
    }
    fs::create_dir_all(&all).expect("a folder");
    let new = tempfile::tempdir_in(&all).expect("a folder");
    let (data, kept) = (new.path().join("data"), new.path().join("kept"));
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let management = Some(management_component().bytes);
        let server = Server::start(config(&data, &[]), management).await;
        let server = server.unwrap_or_else(|error| panic!("the server does not start: {error:#}"));
        server.shut_down().await;
    });
    copy(&data, &kept).expect("what the server made");
    // Another process may have been faster.
    if let Err(error) = fs::rename(&kept, &folder) {
        assert!(folder.exists(), "{error}");
    }
    folder
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to.join(CACHE))?;
    for file in fs::read_dir(from.join(CACHE))? {
        let name = file?.file_name();
        let text = name.to_string_lossy();
        if text.starts_with("engine-") || text.starts_with("base-") {
            fs::copy(from.join(CACHE).join(&name), to.join(CACHE).join(&name))?;
        }
    }
    // Last: whoever finds it finds all.
    fs::copy(from.join(KEY), to.join(KEY)).map(drop)
}
