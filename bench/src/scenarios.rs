//! What is measured. Each scenario starts the servers it needs and adds rows to the report.

mod cold;
mod load;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use ouro_build::{BuildOptions, BundleOptions, Compatibility, WarmUp};
use ouro_core::ports::builder::EngineKind;

use crate::Options;
use crate::api::Api;
use crate::process::{self, Server, free_address};
use crate::report::Report;

pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    let cores = std::thread::available_parallelism()?.get();
    process::pin(
        &(0..cores)
            .filter(|core| *core != process::SERVER_CORE || cores == 1)
            .collect::<Vec<_>>(),
    )?;
    for (name, scenario) in [
        ("load", load::run as fn(&Options, &mut Report) -> Result<()>),
        ("json", load::json),
        ("cold", cold::first_request),
        ("deploy", cold::deploy),
        ("memory", cold::memory),
    ] {
        if options.wants(name) {
            eprintln!("{name}");
            scenario(options, report).with_context(|| format!("scenario `{name}`"))?;
        }
    }
    Ok(())
}

/// An Ouro server on a data directory of its own.
struct Ouro {
    server: Server,
    api: Api,
    _data: tempfile::TempDir,
}

impl Ouro {
    fn start(options: &Options) -> Result<Self> {
        Self::start_binary(binary(options)?)
    }

    fn start_binary(binary: PathBuf) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = free_address()?;
        let mut command = Command::new(binary);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(data.path().join("data"));
        command
            .arg("--listen")
            .arg(address.to_string())
            .arg("--threads")
            .arg("1");
        let server = Server::start(command, address, &data.path().join("ouro.log"))?;
        let token = std::fs::read_to_string(data.path().join("data/admin-token"))?;
        Ok(Self {
            server,
            api: Api::connect(address, token.trim())?,
            _data: data,
        })
    }

    /// Uploads a component and makes it live under the name.
    fn deploy(&mut self, name: &str, component: &[u8]) -> Result<()> {
        let digest = self.api.upload(component)?;
        self.api.create(name)?;
        self.api.activate(name, &digest)?;
        Ok(())
    }
}

fn binary(options: &Options) -> Result<PathBuf> {
    let path = match &options.ouro {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("ouro"),
    };
    ensure!(
        path.exists(),
        "`{}` is missing\nhint: `make build` builds it",
        path.display()
    );
    Ok(path)
}

fn worker(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("workers")
        .join(name)
}

fn component(entry: &Path) -> Result<Vec<u8>> {
    warm_component(entry, &[])
}

fn warm_component(entry: &Path, warm_up: &[WarmUp]) -> Result<Vec<u8>> {
    let options = BuildOptions {
        entry: entry.to_owned(),
        kind: EngineKind::Worker,
        standalone: false,
        minify: true,
        compatibility: Compatibility::default(),
        warm_up: warm_up.to_vec(),
    };
    Ok(ouro_build::build(&options)?.component)
}

fn module(entry: &Path) -> Result<String> {
    Ok(ouro_build::bundle(&BundleOptions {
        entry: entry.to_owned(),
        minify: true,
        compatibility: Compatibility::default(),
    })?
    .code)
}
