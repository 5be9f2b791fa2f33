//! workerd, the runtime of Cloudflare Workers, serving every case on a port of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::corpus::{Case, Form};

const DRIVER: &str = include_str!("driver.js");
const CACHE: &str = include_str!("cache.js");

pub struct Workerd {
    process: Child,
    pub addresses: BTreeMap<String, SocketAddr>,
}

/// A line that workerd writes for each socket it opens.
#[derive(Deserialize)]
struct Listening {
    socket: Option<String>,
    port: Option<u16>,
}

impl Workerd {
    /// Starts it and waits until all ports are open.
    pub fn start(binary: &Path, folder: &Path, cases: &[Case], upstream: &str) -> Result<Self> {
        ensure!(
            binary.exists(),
            "`{}` is missing\nhint: run `npm ci` in bench/",
            binary.display()
        );
        let config = folder.join("config.capnp");
        fs::write(&config, configuration(folder, cases, upstream)?)?;
        let mut process = Command::new(binary)
            .args(["serve", "--experimental", "--control-fd=1"])
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("workerd.log"))?)
            .spawn()
            .with_context(|| format!("`{}`", binary.display()))?;
        let lines = BufReader::new(process.stdout.take().context("its output")?).lines();
        let mut workerd = Self {
            process,
            addresses: BTreeMap::new(),
        };
        for line in lines {
            let Ok(Listening {
                socket: Some(socket),
                port: Some(port),
            }) = serde_json::from_str(&line?)
            else {
                continue;
            };
            workerd
                .addresses
                .insert(socket, SocketAddr::from(([127, 0, 0, 1], port)));
            if workerd.addresses.len() == cases.len() {
                return Ok(workerd);
            }
        }
        let log = fs::read_to_string(folder.join("workerd.log")).unwrap_or_default();
        anyhow::bail!("workerd ended at its start:\n{log}")
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(folder: &Path, cases: &[Case], upstream: &str) -> Result<String> {
    let (mut services, mut sockets) = (String::new(), String::new());
    fs::write(folder.join("driver.js"), DRIVER)?;
    fs::write(folder.join("cache.js"), CACHE)?;
    for case in cases {
        let name = case.worker();
        fs::write(folder.join(format!("{name}.js")), &case.source)?;
        let flags: Vec<_> = case.flags.iter().map(|flag| format!("{flag:?}")).collect();
        let flags = flags.join(", ");
        let code = match case.form {
            Form::Script => format!(r#"serviceWorkerScript = embed "{name}.js""#),
            Form::Body | Form::Module => {
                format!(r#"modules = [(name = "worker.js", esModule = embed "{name}.js")]"#)
            }
        };
        services += &format!(
            r#"    (name = "{name}", worker = ({code},
      compatibilityDate = "{date}", compatibilityFlags = [{flags}], cacheApiOutbound = "cache",
      bindings = [(name = "UPSTREAM", text = "{upstream}"), (name = "TEXT", text = "text"), (name = "JSON", json = "{{\"a\":[1]}}")])),
"#,
            date = case.date(),
        );
        let mut served = name.clone();
        if case.runs_other_handlers() {
            served += "-driver";
            services += &format!(
                r#"    (name = "{served}", worker = (modules = [(name = "driver.js", esModule = embed "driver.js")],
      compatibilityDate = "{date}", compatibilityFlags = ["service_binding_extra_handlers"],
      bindings = [(name = "WORKER", service = "{name}")])),
"#,
                date = super::COMPATIBILITY_DATE,
            );
        }
        sockets += &format!(
            "    (name = \"{name}\", address = \"127.0.0.1:0\", http = (), service = \"{served}\"),\n"
        );
    }
    Ok(format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "cache", worker = (modules = [(name = "cache.js", esModule = embed "cache.js")], compatibilityDate = "{date}")),
{services}  ],
  sockets = [
{sockets}  ],
);
"#,
        date = super::COMPATIBILITY_DATE,
    ))
}

/// Where `npm ci` in bench/ puts it.
pub fn default_binary() -> PathBuf {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "64"
    };
    PathBuf::from(format!(
        "bench/node_modules/@cloudflare/workerd-linux-{arch}/bin/workerd"
    ))
}
