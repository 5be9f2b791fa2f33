//! How long a deploy takes, and what those notice of it whose requests run meanwhile.

use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use serde_json::json;

use super::{Ouro, bundles, component, milliseconds, worker};
use crate::Options;
use crate::client::Request;
use crate::load::{self, Steady};
use crate::report::{Report, median};

const DEPLOYS: usize = 10;

/// From a component to the first answer of it.
pub fn deploy(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    // The first build in a process compiles the engine.
    component(&worker("hello.ts"))?;
    for (name, bytes) in [("hello", 0), ("475 KB", bundles::MEDIUM)] {
        let (mut build, mut live) = (Vec::new(), Vec::new());
        for number in 0..DEPLOYS {
            let entry = entry(folder.path(), bytes, number)?;
            let start = Instant::now();
            let component = component(&entry)?;
            build.push(milliseconds(start.elapsed()));
            let worker = format!("deploy-{bytes}-{number}");
            let start = Instant::now();
            ouro.deploy(&worker, &component)?;
            let request = Request::get(&format!("{worker}.localhost"), "/number");
            load::once(ouro.server.address, &request)?;
            live.push(milliseconds(start.elapsed()));
        }
        report.add(
            &format!("deploy, {name}"),
            "ouro",
            &[
                ("build_p50_ms", median(&mut build)),
                ("upload_to_first_answer_p50_ms", median(&mut live)),
            ],
        );
    }
    Ok(())
}

/// A worker that differs from every other number's: hello, or an application of so many bytes.
fn entry(folder: &Path, bytes: usize, number: usize) -> Result<std::path::PathBuf> {
    if bytes > 0 {
        return bundles::app_of_size(folder, bytes, number);
    }
    let entry = folder.join(format!("hello-{number}.js"));
    let source = format!(
        "const number = {number};\nexport default {{ fetch() {{ return new Response(String(number)); }} }};\n"
    );
    std::fs::write(&entry, source)?;
    Ok(entry)
}

/// Different versions that take turns.
const VERSIONS: usize = 10;

/// A large worker under half of the load that it can bear, while one version after the other is uploaded and made live.
pub fn switch(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let versions = (0..VERSIONS)
        .map(|number| {
            component(&bundles::app_of_size(
                folder.path(),
                bundles::MEDIUM,
                number,
            )?)
        })
        .collect::<Result<Vec<_>>>()?;
    let mut ouro = Ouro::start(options)?;
    ouro.deploy("app", &versions[0])?;
    let address = ouro.server.address;
    let requests = [Request::get("app.localhost", "/number")];
    let capacity = load::closed(address, &requests, 32, options.round())?.per_second();
    let duration = 2 * options.round();
    let steady = || load::steady(address, &requests, capacity / 2.0, duration);
    let alone = steady()?;
    let mut switches = Vec::new();
    let switching = thread::scope(|scope| {
        let load = scope.spawn(steady);
        for version in versions.iter().cycle() {
            if load.is_finished() {
                break;
            }
            let start = Instant::now();
            ouro.update("app", version, json!({}))?;
            switches.push(milliseconds(start.elapsed()));
        }
        load.join().map_err(|_| anyhow!("the load panicked"))?
    })?;
    let count = switches.len() as f64;
    let p50 = median(&mut switches);
    add(report, "one version", &alone, &[]);
    let more = [("switches", count), ("upload_to_live_p50_ms", p50)];
    add(report, "switching", &switching, &more);
    Ok(())
}

fn add(report: &mut Report, subject: &str, load: &Steady, more: &[(&'static str, f64)]) {
    let figures = [
        ("requests", load.latencies.count() as f64),
        ("failures", load.failures as f64),
        ("p50_ms", load.latencies.percentile_ms(0.5)),
        ("p99_ms", load.latencies.percentile_ms(0.99)),
        ("longest_ms", load.latencies.percentile_ms(1.0)),
    ];
    let figures = [&figures[..], more].concat();
    report.add("475 KB under load", subject, &figures);
}
