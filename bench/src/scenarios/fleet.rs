//! A node with many workers: their memory, how soon they serve after a restart, and what quiet ones notice of noisy ones.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::bundles::Numbered;
use super::{Ouro, component, milliseconds, worker};
use crate::Options;
use crate::client::Request;
use crate::load::{self, Nuisance, Steady};
use crate::process::{Memory, Server};
use crate::report::{Report, median};

/// They share the deploys, which take longest.
pub const PARTS: &str = "fleet: memory, fleet: restart, fleet: neighbours";

pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    let numbered = Numbered::build()?;
    let mut ouro = Ouro::start(options)?;
    ouro.deploy(&name(0), &numbered.component(0)?)?;
    // Without what the first start took, which would be given back meanwhile.
    ouro = ouro.restart(|_| Ok(()))?;
    load::once(ouro.server.address, &request(0))?;
    let before = ouro.server.memory()?;
    for number in 1..=options.workers {
        ouro.deploy(&name(number), &numbered.component(number)?)?;
    }
    let requests: Vec<_> = (1..=options.workers).map(request).collect();
    if options.wants("fleet: memory") {
        memory(report, &ouro.server, &requests, before)?;
    }
    if options.wants("fleet: restart") {
        ouro = restart(report, ouro, &requests)?;
    }
    if options.wants("fleet: neighbours") {
        neighbours(options, report, &mut ouro, &requests)?;
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("fleet-{number}")
}

fn request(number: usize) -> Request {
    Request::get(&format!("{}.localhost", name(number)), "/")
}

/// While nothing runs: after the deploys, and after each worker was called.
fn memory(
    report: &mut Report,
    server: &Server,
    requests: &[Request],
    before: Memory,
) -> Result<()> {
    let deployed = server.memory()?;
    load::each(server.address, requests)?;
    let called = server.memory()?;
    let per_worker = |after: u64, before: u64| {
        after.saturating_sub(before) as f64 / 1024.0 / requests.len() as f64
    };
    report.add(
        &format!("memory, {} workers", requests.len()),
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
            ("resident_mib_in_all", mebibytes(called.resident)),
        ],
    );
    Ok(())
}

/// The node is killed and started again, then each worker is called, and again. The disk's pages are still in the kernel's cache.
fn restart(report: &mut Report, ouro: Ouro, requests: &[Request]) -> Result<Ouro> {
    let mut start = Instant::now();
    let ouro = ouro.restart(|_| {
        start = Instant::now();
        Ok(())
    })?;
    let address = ouro.server.address;
    load::once(address, &requests[requests.len() / 2])?;
    let first_answer = start.elapsed();
    let idle = ouro.server.memory()?;
    let mut first = load::each(address, requests)?;
    let all_answered = start.elapsed();
    let called = ouro.server.memory()?;
    let mut second = load::each(address, requests)?;
    first.sort_unstable();
    second.sort_unstable();
    let at = |durations: &[Duration], share: f64| {
        milliseconds(durations[((durations.len() - 1) as f64 * share) as usize])
    };
    report.add(
        &format!("restart, {} workers", requests.len()),
        "ouro",
        &[
            ("start_to_first_answer_ms", milliseconds(first_answer)),
            ("start_to_all_answered_ms", milliseconds(all_answered)),
            ("first_p50_ms", at(&first, 0.5)),
            ("first_p99_ms", at(&first, 0.99)),
            ("second_p50_ms", at(&second, 0.5)),
            ("resident_mib_at_start", mebibytes(idle.resident)),
            ("resident_mib_after_all", mebibytes(called.resident)),
        ],
    );
    Ok(ouro)
}

/// Quiet workers in rotation.
const QUIET: usize = 1000;
/// What the noisy workers do, and where bench/workers/noisy.ts does it.
const NOISE: [(&str, &str); 3] = [
    ("beside loops", "/loop"),
    ("beside allocations", "/allocate"),
    ("beside slow streams", "/stream"),
];
const NOISY: usize = 5;
/// So that a round sees loops end, too.
const LOOP_CPU_MS: u64 = 1000;
/// Before a round begins.
const NOISE_ALONE: Duration = Duration::from_millis(500);

/// Half of the load that the quiet ones can bear, without noise and with each kind of it, in turn.
fn neighbours(
    options: &Options,
    report: &mut Report,
    ouro: &mut Ouro,
    requests: &[Request],
) -> Result<()> {
    deploy_noisy(ouro)?;
    let (server, quiet) = (&ouro.server, &requests[..requests.len().min(QUIET)]);
    load::each(server.address, quiet)?;
    let capacity = load::closed(server.address, quiet, 32, options.round())?.per_second();
    let steady = || load::steady(server.address, quiet, capacity / 2.0, options.round());
    let mut alone = Vec::new();
    let mut beside = NOISE.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..options.rounds {
        alone.push(steady()?);
        for ((_, path), (rounds, ended)) in NOISE.into_iter().zip(&mut beside) {
            let nuisance = Nuisance::start(server.address, noisy_requests(path))?;
            thread::sleep(NOISE_ALONE);
            rounds.push(steady()?);
            ended.push(nuisance.ended() as f64);
            drop(nuisance);
            settle(server)?;
        }
    }
    let scenario = format!("{} quiet workers", quiet.len());
    add(report, &scenario, "alone", &alone, &[]);
    for ((name, _), (rounds, ended)) in NOISE.into_iter().zip(&mut beside) {
        let more = [("noisy_requests_ended", median(ended))];
        add(report, &scenario, name, rounds, &more);
    }
    Ok(())
}

fn deploy_noisy(ouro: &mut Ouro) -> Result<()> {
    let component = component(&worker("noisy.ts"))?;
    let limits = json!({ "limits": { "cpu_ms": LOOP_CPU_MS } });
    for number in 0..NOISY {
        ouro.deploy_with(&format!("noisy-{number}"), &component, limits.clone())?;
    }
    Ok(())
}

fn noisy_requests(path: &str) -> Vec<Request> {
    (0..NOISY)
        .map(|number| Request::get(&format!("noisy-{number}.localhost"), path))
        .collect()
}

/// Waits until what nobody waits for any more has ended.
fn settle(server: &Server) -> Result<()> {
    let pause = Duration::from_millis(200);
    loop {
        let before = server.usage()?.cpu;
        thread::sleep(pause);
        if server.usage()?.cpu - before < pause / 10 {
            return Ok(());
        }
    }
}

fn add(
    report: &mut Report,
    scenario: &str,
    subject: &str,
    rounds: &[Steady],
    more: &[(&'static str, f64)],
) {
    let of =
        |figure: fn(&Steady) -> f64| median(&mut rounds.iter().map(figure).collect::<Vec<_>>());
    let figures = [
        ("requests_a_round", of(|it| it.latencies.count() as f64)),
        ("failures", of(|it| it.failures as f64)),
        ("p50_ms", of(|it| it.latencies.percentile_ms(0.5))),
        ("p99_ms", of(|it| it.latencies.percentile_ms(0.99))),
        ("longest_ms", of(|it| it.latencies.percentile_ms(1.0))),
    ];
    let figures = [&figures[..], more].concat();
    report.add(scenario, subject, &figures);
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
