//! What a worker costs before it is warm: its first request, its deploy, and its memory while idle.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Ouro, component};
use crate::Options;
use crate::load::{self, Request};
use crate::report::{Report, median};

/// Distinct hello workers for the first-request and deploy scenarios.
const COLD_WORKERS: usize = 100;

pub fn first_request(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    for number in 0..COLD_WORKERS {
        ouro.deploy(&format!("cold-{number}"), &numbered(folder.path(), number)?)?;
    }
    let before = ouro.server.usage()?;
    let mut first = (0..COLD_WORKERS)
        .map(|number| once(ouro.server.address, number))
        .collect::<Result<Vec<_>>>()?;
    let cpu = ouro.server.usage()?.cpu - before.cpu;
    let mut second = (0..COLD_WORKERS)
        .map(|number| once(ouro.server.address, number))
        .collect::<Result<Vec<_>>>()?;
    report.add(
        "first request, 100 workers",
        "ouro",
        &[
            ("p50_ms", median(&mut first)),
            ("worst_ms", first.last().copied().unwrap_or(f64::NAN)),
            ("cpu_ms", cpu.as_secs_f64() * 1e3 / COLD_WORKERS as f64),
            ("second_request_p50_ms", median(&mut second)),
        ],
    );
    Ok(())
}

pub fn deploy(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    let (mut build, mut live) = (Vec::new(), Vec::new());
    for number in 0..20 {
        let start = Instant::now();
        let component = numbered(folder.path(), number)?;
        build.push(milliseconds(start.elapsed()));
        let start = Instant::now();
        ouro.deploy(&format!("cold-{number}"), &component)?;
        once(ouro.server.address, number)?;
        live.push(milliseconds(start.elapsed()));
    }
    report.add(
        "deploy of hello",
        "ouro",
        &[
            ("build_p50_ms", median(&mut build)),
            ("upload_to_first_answer_p50_ms", median(&mut live)),
        ],
    );
    Ok(())
}

pub fn memory(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    ouro.deploy("cold-0", &numbered(folder.path(), 0)?)?;
    once(ouro.server.address, 0)?;
    let before = ouro.server.memory()?;
    for number in 1..=options.workers {
        ouro.deploy(&format!("cold-{number}"), &numbered(folder.path(), number)?)?;
    }
    let deployed = ouro.server.memory()?;
    for number in 1..=options.workers {
        once(ouro.server.address, number)?;
    }
    let called = ouro.server.memory()?;
    let per_worker = |after: u64, before: u64| {
        (after.saturating_sub(before)) as f64 / 1024.0 / options.workers as f64
    };
    report.add(
        &format!("memory, {} workers", options.workers),
        "ouro",
        &[
            (
                "anonymous_kib_per_deployed_worker",
                per_worker(deployed.anonymous, before.anonymous),
            ),
            (
                "anonymous_kib_per_called_worker",
                per_worker(called.anonymous, before.anonymous),
            ),
            (
                "resident_kib_per_called_worker",
                per_worker(called.resident, before.resident),
            ),
            (
                "resident_mib_in_all",
                called.resident as f64 / f64::from(1 << 20),
            ),
        ],
    );
    Ok(())
}

/// A hello worker whose snapshot differs from every other number's.
fn numbered(folder: &Path, number: usize) -> Result<Vec<u8>> {
    let entry = folder.join(format!("worker-{number}.js"));
    std::fs::write(
        &entry,
        format!(
            "const number = {number};\nexport default {{ fetch() {{ return new Response(\"hello from \" + number); }} }};\n"
        ),
    )?;
    component(&entry)
}

/// One request on a connection of its own, in milliseconds.
fn once(address: SocketAddr, number: usize) -> Result<f64> {
    let request = Request::get(&format!("cold-{number}.localhost"), "/");
    Ok(milliseconds(load::once(address, &request)?))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
