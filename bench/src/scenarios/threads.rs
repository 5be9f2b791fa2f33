//! What a second thread that serves costs the first: locks, and the kernel's view of one address space.

use anyhow::Result;

use super::load::{app_requests, app_warm_up};
use super::{Ouro, Setting, binary, component, warm_component, worker};
use crate::Options;
use crate::client::Request;
use crate::measure::{self, Subject};
use crate::process;
use crate::report::Report;

const CONNECTIONS: usize = 32;

/// Both servers may use all cores, and so may the load: all that differs is the number of threads.
pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    process::pin(&process::all_cores())?;
    let result = compare(options, report);
    process::pin(&process::load_cores())?;
    result
}

fn compare(options: &Options, report: &mut Report) -> Result<()> {
    let workers = [
        ("hello", component(&worker("hello.ts"))?),
        ("warm", warm_component(&worker("app.ts"), &app_warm_up())?),
    ];
    let start = |threads| -> Result<Ouro> {
        let mut ouro = Ouro::start_with(Setting {
            binary: binary(options)?,
            threads,
            cores: process::all_cores(),
        })?;
        for (name, component) in &workers {
            ouro.deploy(name, component)?;
        }
        Ok(ouro)
    };
    let (one, two) = (start(1)?, start(2)?);
    let hello = [Request::get("hello.localhost", "/")];
    for (scenario, requests) in [
        ("threads, hello", &hello[..]),
        ("threads, hono+zod", &app_requests("warm.localhost")),
    ] {
        let subjects = [
            Subject::new("1 thread", &one.server, requests),
            Subject::new("2 threads", &two.server, requests),
        ];
        let measured = measure::rounds(options, &subjects, CONNECTIONS)?;
        for (subject, figures) in subjects.iter().zip(&measured) {
            let times = figures.cpu_us / measured[0].cpu_us;
            let figures = [figures.figures(), vec![("cpu_times_one_thread", times)]].concat();
            report.add(scenario, subject.name, &figures);
        }
    }
    Ok(())
}
