//! What is measured. Each scenario starts the servers it needs and adds rows to the report.

mod bundles;
mod cold;
mod content;
mod deploys;
mod fleet;
mod load;
mod threads;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ouro_build::{BuildOptions, BundleOptions, Compatibility, WarmUp};
use ouro_core::ports::builder::EngineKind;
use serde_json::{Value, json};

use crate::Options;
use crate::api::Api;
use crate::process::{self, Server, free_address};
use crate::report::Report;

pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    process::pin(&process::load_cores())?;
    for (name, scenario) in [
        ("load", load::run as fn(&Options, &mut Report) -> Result<()>),
        ("bundle size", load::bundle_sizes),
        ("json", load::json),
        ("asset", content::asset),
        ("database", content::database),
        ("stream", content::stream),
        ("threads", threads::run),
        ("cold", cold::first_request),
        ("live instances", cold::live_instances),
        ("deploy", deploys::deploy),
        ("switch", deploys::switch),
        (fleet::PARTS, fleet::run),
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
    setting: Setting,
    data: tempfile::TempDir,
}

/// How a server is started.
struct Setting {
    binary: PathBuf,
    threads: usize,
    cores: Vec<usize>,
}

impl Ouro {
    fn start(options: &Options) -> Result<Self> {
        Self::start_binary(binary(options)?)
    }

    fn start_binary(binary: PathBuf) -> Result<Self> {
        Self::start_with(Setting {
            binary,
            threads: 1,
            cores: vec![process::SERVER_CORE],
        })
    }

    fn start_with(setting: Setting) -> Result<Self> {
        Self::on(tempfile::tempdir()?, setting)
    }

    fn on(data: tempfile::TempDir, setting: Setting) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(&setting.binary);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(data.path().join("data"));
        command
            .arg("--listen")
            .arg(address.to_string())
            .arg("--threads")
            .arg(setting.threads.to_string());
        let log = data.path().join("ouro.log");
        let server = Server::start_on(&setting.cores, command, address, &log)?;
        let token = std::fs::read_to_string(data.path().join("data/admin-token"))?;
        Ok(Self {
            server,
            api: Api::connect(address, token.trim())?,
            setting,
            data,
        })
    }

    /// Kills the server, does something to its data directory, and starts it again.
    fn restart(self, meanwhile: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let Self {
            server,
            setting,
            data,
            ..
        } = self;
        drop(server);
        meanwhile(&data.path().join("data"))?;
        Self::on(data, setting)
    }

    /// Uploads a component and makes it live under the name.
    fn deploy(&mut self, name: &str, component: &[u8]) -> Result<()> {
        self.deploy_with(name, component, json!({}))
    }

    /// The same, with more fields of the version.
    fn deploy_with(&mut self, name: &str, component: &[u8], fields: Value) -> Result<()> {
        self.api.create(name)?;
        self.update(name, component, fields)
    }

    /// Makes another version of a worker live.
    fn update(&mut self, name: &str, component: &[u8], mut fields: Value) -> Result<()> {
        fields["component"] = self.api.upload(component)?.into();
        fields["activate"] = true.into();
        self.api.version(name, &fields)?;
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

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
