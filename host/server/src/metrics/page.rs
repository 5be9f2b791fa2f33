//! The page that is scraped, family by family.

use std::sync::atomic::Ordering::Relaxed;
use std::time::UNIX_EPOCH;

use ouro_core::health::Status;

use super::recent::Unwell;
use super::text::Page;
use super::{Sources, process};

const MICROSECONDS: f64 = 1e6;
const BYTES: f64 = 1.0;
/// Workers that have series of their own at most; there may be tens of thousands.
const WORKERS_MAX: usize = 50;

pub fn page(of: &Sources) -> String {
    let mut page = Page::default();
    invocations(&mut page, of);
    workers(&mut page, of);
    native_code(&mut page, of);
    records(&mut page, of);
    gateway(&mut page, of);
    assets(&mut page, of);
    this_process(&mut page, of);
    page.into_text()
}

fn invocations(page: &mut Page, of: &Sources) {
    let invocations = &of.ends.invocations;
    let mut ended = page.counter(
        "ouro_invocations_total",
        "Invocations that have ended, by what started them and how they ended.",
    );
    for (trigger, outcome, count) in invocations.ended() {
        let labels = [("trigger", trigger.as_str()), ("outcome", outcome.as_str())];
        ended.sample(&labels, count);
    }
    page.histogram(
        "ouro_invocation_duration_seconds",
        "Time from the head of the request to the end of the invocation.",
        MICROSECONDS,
        &invocations.duration_us(),
    );
    page.histogram(
        "ouro_invocation_cpu_seconds",
        "CPU time of invocations.",
        MICROSECONDS,
        &invocations.cpu_us(),
    );
    page.histogram(
        "ouro_invocation_memory_bytes",
        "Most memory that invocations had at once.",
        BYTES,
        &invocations.memory_bytes(),
    );
    let mut refused = page.counter(
        "ouro_invocations_refused_total",
        "Invocations that no instance was started for, by what was missing.",
    );
    for (reason, count) in of.runtime.metrics().refusals() {
        refused.sample(&[("reason", reason.as_str())], count);
    }
    let (in_use, max) = of.runtime.instances();
    page.gauge("ouro_instances", "Instances of workers that are in use.")
        .value(in_use);
    page.gauge(
        "ouro_instances_max",
        "Instances of workers that can be in use at once.",
    )
    .value(max);
}

fn workers(page: &mut Page, of: &Sources) {
    page.gauge("ouro_workers", "Workers with a live version.")
        .value(of.routes.all().len());
    let unwell = of.ends.recent.unwell();
    let mut by_status = page.gauge(
        "ouro_workers_unwell",
        "Workers most of whose invocations failed within the last ten minutes, by what is said of them.",
    );
    for status in [Status::Failing, Status::Dying] {
        let those = unwell.iter().filter(|it| it.health.status == status);
        by_status.sample(&[("status", status.as_str())], those.count());
    }
    let shown = &unwell[..unwell.len().min(WORKERS_MAX)];
    let mut invocations = page.gauge(
        "ouro_worker_recent_invocations",
        "Invocations within the last ten minutes, of the 50 workers with most failures among them.",
    );
    for worker in shown {
        let all = worker.health.endings.iter().map(|(_, count)| count);
        invocations.sample(&labels(worker), all.sum::<u64>());
    }
    let mut failures = page.gauge(
        "ouro_worker_recent_failures",
        "Those of them that failed, by how they ended.",
    );
    for worker in shown {
        let [id, name] = labels(worker);
        for (outcome, count) in worker.failures() {
            failures.sample(&[id, name, ("outcome", outcome.as_str())], count);
        }
    }
}

/// The id too: of two workers one may have had the other's name some minutes ago.
fn labels(worker: &Unwell) -> [(&str, &str); 2] {
    [
        ("worker_id", worker.id.as_str()),
        ("worker", worker.name.as_str()),
    ]
}

fn native_code(page: &mut Page, of: &Sources) {
    let metrics = of.runtime.metrics();
    let compile_us = metrics.compile_us();
    page.counter(
        "ouro_native_code_cache_hits_total",
        "Native code that was read from this node's cache.",
    )
    .value(metrics.cache_hits());
    page.counter(
        "ouro_native_code_cache_misses_total",
        "Native code that was not in this node's cache, or not as this node wrote it, and was made.",
    )
    .value(compile_us.count());
    page.histogram(
        "ouro_native_code_compile_seconds",
        "Time that native code took to be made.",
        MICROSECONDS,
        &compile_us,
    );
    page.gauge(
        "ouro_native_code_bytes",
        "Native code of workers that is in memory.",
    )
    .value(of.runtime.code_bytes());
}

fn records(page: &mut Page, of: &Sources) {
    let (queued, max) = of.records.depth();
    page.gauge(
        "ouro_execution_records_queued",
        "Execution records that wait to be stored.",
    )
    .value(queued);
    page.gauge(
        "ouro_execution_records_queued_max",
        "Execution records that can wait.",
    )
    .value(max);
    let mut dropped = page.counter(
        "ouro_execution_records_dropped_total",
        "Execution records that were not stored: beyond the budget or the queue (`load`), or refused by the store (`store`).",
    );
    dropped.sample(&[("reason", "load")], of.records.dropped());
    dropped.sample(&[("reason", "store")], of.records_lost.load(Relaxed));
}

fn gateway(page: &mut Page, of: &Sources) {
    page.gauge("ouro_http_connections", "Connections of clients.")
        .value(of.gateway.connections());
    let mut answers = page.counter(
        "ouro_http_responses_total",
        "Responses to clients, by the class of their status.",
    );
    for (class, count) in of.gateway.answers() {
        answers.sample(&[("class", class)], count);
    }
}

fn assets(page: &mut Page, of: &Sources) {
    let [hits, misses] = of.assets.hits_and_misses();
    page.counter(
        "ouro_assets_cache_hits_total",
        "Small assets that were in memory when they were asked for.",
    )
    .value(hits);
    page.counter(
        "ouro_assets_cache_misses_total",
        "Small assets that were read from the store.",
    )
    .value(misses);
    page.gauge("ouro_assets_bytes", "Small assets that are in memory.")
        .value(of.assets.memory_bytes());
}

/// Under the names that Prometheus' clients have in common.
fn this_process(page: &mut Page, of: &Sources) {
    page.gauge("ouro_build_info", "The version that runs; always 1.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let started = of.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    page.gauge(
        "process_start_time_seconds",
        "Start of the process, in Unix time.",
    )
    .value(started.as_secs_f64());
    if let Some(time) = process::cpu_time() {
        page.counter("process_cpu_seconds_total", "CPU time of the process.")
            .value(time);
    }
    if let Some(bytes) = process::resident_memory() {
        page.gauge("process_resident_memory_bytes", "Memory in RAM.")
            .value(bytes);
    }
    if let Some(files) = process::open_files() {
        page.gauge("process_open_fds", "Open file descriptors.")
            .value(files);
    }
    if let Some(max) = process::open_files_max() {
        page.gauge("process_max_fds", "Most file descriptors that can be open.")
            .value(max);
    }
}
