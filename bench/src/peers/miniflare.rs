//! miniflare, from npm: what `wrangler dev` runs, with Cloudflare's D1 over SQLite.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{Server, free_address};

/// Serves the module, with an empty database as `env.DB`, from a folder of its own.
pub fn start(bundle: &str, folder: &Path) -> Result<Server> {
    std::fs::create_dir_all(folder)?;
    let module = folder.join("worker.js");
    std::fs::write(&module, bundle)?;
    let address = free_address()?;
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(node(package)?);
    command
        .arg(package.join("src/peers/miniflare.mjs"))
        .arg(&module)
        .arg(address.port().to_string())
        // Where it keeps the database.
        .env("TMPDIR", folder);
    Server::start(command, address, &folder.join("miniflare.log")).context("starting miniflare")
}

/// The Node.js that miniflare asks for is newer than what the rest of this project needs.
fn node(package: &Path) -> Result<PathBuf> {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let path = package.join(format!("node_modules/node-linux-{arch}/bin/node"));
    ensure!(
        path.exists(),
        "`{}` is missing\nhint: run `npm ci` in bench/",
        path.display()
    );
    Ok(path)
}
