//! What a worker costs before it is warm, and what an invocation holds while it lives.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};

use super::bundles::Numbered;
use super::{Ouro, component, milliseconds, worker};
use crate::Options;
use crate::client::Request;
use crate::load;
use crate::peers;
use crate::process::Server;
use crate::report::{Report, median};

/// Distinct hello workers of each row.
const WORKERS: usize = 100;
/// Asked for one after the other before it is the other server's turn.
const TURN: usize = 10;

/// The first request of a worker whose native code the node has, then of one that the node has never seen, each beside
/// workerd's loading of a worker.
pub fn first_request(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let numbered = Numbered::build()?;
    let mut ouro = Ouro::start(options)?;
    for number in 0..2 * WORKERS {
        ouro.deploy(&name(number), &numbered.component(number)?)?;
    }
    let workerd = peers::workerd::start_loader(folder.path())?;
    // What a server does once only.
    for number in 2 * WORKERS..3 * WORKERS {
        load::once(workerd.address, &on_workerd(number))?;
    }
    let rows = compare(&ouro.server, &workerd, 0..WORKERS)?;
    add(report, "first request", rows);
    let ouro = ouro.restart(forget_workers)?;
    load::once(ouro.server.address, &on_ouro(0))?;
    let rows = compare(&ouro.server, &workerd, WORKERS..2 * WORKERS)?;
    add(report, "first request, never seen", rows);
    Ok(())
}

/// The engine stays, and the memory that all workers begin with: they belong to the node.
fn forget_workers(data: &Path) -> Result<()> {
    for file in fs::read_dir(data.join("cache/native"))? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with("snapshot-") {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

/// What each server did for the first requests.
struct First {
    latencies_ms: Vec<f64>,
    cpu: Duration,
    second_ms: Vec<f64>,
}

fn compare(ouro: &Server, workerd: &Server, numbers: Range<usize>) -> Result<[First; 2]> {
    let mut rows = [ouro, workerd].map(|server| {
        let first = First {
            latencies_ms: Vec::new(),
            cpu: Duration::ZERO,
            second_ms: Vec::new(),
        };
        (server, first)
    });
    for turn in numbers.step_by(TURN) {
        for ((server, first), request) in rows.iter_mut().zip([on_ouro, on_workerd]) {
            let requests: Vec<_> = (turn..turn + TURN).map(request).collect();
            let before = server.usage()?;
            first.latencies_ms.extend(each(server, &requests)?);
            first.cpu += server.usage()?.cpu - before.cpu;
            first.second_ms.extend(each(server, &requests)?);
        }
    }
    Ok(rows.map(|(_, first)| first))
}

fn add(report: &mut Report, scenario: &str, rows: [First; 2]) {
    let workerd = rows[1].cpu;
    for (name, mut first) in ["ouro", "workerd"].into_iter().zip(rows) {
        let cheaper = workerd.as_secs_f64() / first.cpu.as_secs_f64();
        let p50 = median(&mut first.latencies_ms);
        let figures = [
            ("p50_ms", p50),
            ("worst_ms", first.latencies_ms[WORKERS - 1]),
            ("cpu_ms", milliseconds(first.cpu) / WORKERS as f64),
            ("times_cheaper_than_workerd", cheaper),
            ("second_request_p50_ms", median(&mut first.second_ms)),
        ];
        report.add(&format!("{scenario}, {WORKERS} workers"), name, &figures);
    }
}

/// In milliseconds.
fn each(server: &Server, requests: &[Request]) -> Result<Vec<f64>> {
    let durations = load::each(server.address, requests)?;
    Ok(durations.into_iter().map(milliseconds).collect())
}

fn name(number: usize) -> String {
    format!("cold-{number}")
}

fn on_ouro(number: usize) -> Request {
    Request::get(&format!("{}.localhost", name(number)), "/")
}

fn on_workerd(number: usize) -> Request {
    Request::get("localhost", &format!("/{number}"))
}

/// Invocations that live at once.
const INSTANCES: usize = 200;

/// Memory of a hello instance while it waits.
pub fn live_instances(options: &Options, report: &mut Report) -> Result<()> {
    let mut ouro = Ouro::start(options)?;
    ouro.deploy("wait", &component(&worker("wait.ts"))?)?;
    // What the first start and the deploy took would be given back meanwhile.
    let ouro = ouro.restart(|_| Ok(()))?;
    let request = Request::get("wait.localhost", "/");
    let length = load::once(ouro.server.address, &request)?;
    let before = ouro.server.memory()?;
    let address = ouro.server.address;
    let clients = thread::spawn(move || {
        // The time is over before the first answer, so that each connection has one request.
        load::closed(address, &[request], INSTANCES, Duration::from_millis(100))
    });
    thread::sleep(length / 2);
    let during = ouro.server.memory()?;
    let answered = clients
        .join()
        .map_err(|_| anyhow!("the clients panicked"))??;
    let answered = answered.latencies.count();
    ensure!(answered == INSTANCES, "{answered} requests were answered");
    let after = ouro.server.memory()?;
    let per_instance =
        |memory: u64| memory.saturating_sub(before.anonymous) as f64 / 1024.0 / INSTANCES as f64;
    report.add(
        &format!("{INSTANCES} live instances"),
        "ouro",
        &[
            ("anonymous_kib_per_instance", per_instance(during.anonymous)),
            (
                "anonymous_kib_kept_afterwards",
                per_instance(after.anonymous),
            ),
        ],
    );
    Ok(())
}
