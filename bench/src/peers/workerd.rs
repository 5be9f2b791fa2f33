//! workerd, Cloudflare's runtime, from npm: one isolate serves all requests of a worker.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{Server, free_address};

const COMPATIBILITY_DATE: &str = "2025-09-01";

pub fn binary() -> Result<PathBuf> {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "64"
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!(
        "node_modules/@cloudflare/workerd-linux-{arch}/bin/workerd"
    ));
    ensure!(
        path.exists(),
        "`{}` is missing\nhint: run `npm ci` in bench/",
        path.display()
    );
    Ok(path)
}

pub fn version() -> Result<String> {
    let output = Command::new(binary()?).arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Serves the module from a folder of its own.
pub fn start(bundle: &str, folder: &Path) -> Result<Server> {
    serve(bundle, "", folder)
}

/// Serves, at `/N` for each number N, a worker that it loads when it is first asked for.
pub fn start_loader(folder: &Path) -> Result<Server> {
    let settings = r#", bindings = [(name = "LOADER", workerLoader = ())], compatibilityFlags = ["experimental"]"#;
    serve(include_str!("workerd_loader.js"), settings, folder)
}

fn serve(bundle: &str, settings: &str, folder: &Path) -> Result<Server> {
    std::fs::create_dir_all(folder)?;
    let address = free_address()?;
    std::fs::write(folder.join("worker.js"), bundle)?;
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "{COMPATIBILITY_DATE}"{settings}))],
  sockets = [(name = "http", address = "{address}", http = (), service = "main")],
);
"#
    );
    let config_path = folder.join("config.capnp");
    std::fs::write(&config_path, config)?;
    let mut command = Command::new(binary()?);
    command.args(["serve", "--experimental"]).arg(&config_path);
    Server::start(command, address, &folder.join("workerd.log")).context("starting workerd")
}
