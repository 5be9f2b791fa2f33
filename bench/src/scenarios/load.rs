//! Throughput, CPU time and latency under load: hello and a Hono + zod application.

use anyhow::Result;
use ouro_build::WarmUp;

use super::{Ouro, component, module, warm_component, worker};
use crate::Options;
use crate::load::{self, Request};
use crate::peers;
use crate::process::Server;
use crate::report::{Report, median};

const ORDER: &str = r#"{"id":7,"customer":{"name":"Ada","email":"ada@example.com"},"lines":[{"sku":"a-1","quantity":2,"price":9.5},{"sku":"b-2","quantity":1,"price":20}]}"#;

pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let hello = component(&worker("hello.ts"))?;
    let app = component(&worker("app.ts"))?;
    let warm = warm_component(&worker("app.ts"), &app_warm_up())?;
    let workers = [("hello", &*hello), ("app", &*app), ("warm", &*warm)];
    let (ouro, against) = servers(options, &workers)?;
    let hyper = peers::hyper::start(folder.path())?;
    let workerd_hello =
        peers::workerd::start(&module(&worker("hello.ts"))?, &folder.path().join("hello"))?;
    let workerd_app =
        peers::workerd::start(&module(&worker("app.ts"))?, &folder.path().join("app"))?;

    for connections in [1, 32, 128] {
        let mut subjects = subjects(&ouro, against.as_ref(), &workerd_hello);
        subjects.push(("hyper", &hyper));
        let requests = [Request::get("hello.localhost", "/")];
        compare(
            options,
            report,
            &format!("hello, {connections} connections"),
            &subjects,
            &requests,
            connections,
        )?;
    }
    for (name, host) in [
        ("hono+zod", "app.localhost"),
        ("hono+zod warmed up", "warm.localhost"),
    ] {
        let requests = [
            Request::get(host, "/users/7?verbose=1"),
            Request::get(host, "/health"),
            Request::post_json(host, "/orders", ORDER, 201),
        ];
        for connections in [1, 32] {
            let subjects = subjects(&ouro, against.as_ref(), &workerd_app);
            compare(
                options,
                report,
                &format!("{name}, {connections} connections"),
                &subjects,
                &requests,
                connections,
            )?;
        }
    }
    Ok(())
}

/// What the application's `ouro.toml` would say: other values than those of the load.
fn app_warm_up() -> [WarmUp; 2] {
    let order = r#"{"id":1,"customer":{"name":"A","email":"a@example.org"},"lines":[{"sku":"a","quantity":1,"price":1}]}"#;
    let mut post = WarmUp::get("/orders");
    post.method = "POST".to_owned();
    post.headers
        .insert("content-type".to_owned(), "application/json".to_owned());
    post.body = order.to_owned();
    [WarmUp::get("/users/1"), post]
}

/// JSON alone: what a request costs that reads and writes 100 KB ten times.
pub fn json(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let json = component(&worker("json.ts"))?;
    let (ouro, against) = servers(options, &[("json", &*json)])?;
    let workerd = peers::workerd::start(&module(&worker("json.ts"))?, folder.path())?;
    let subjects = subjects(&ouro, against.as_ref(), &workerd);
    let requests = [Request::get("json.localhost", "/")];
    compare(options, report, "json", &subjects, &requests, 1)
}

/// The server under test and, where one is asked for, that of another build, both with these workers.
fn servers(options: &Options, workers: &[(&str, &[u8])]) -> Result<(Ouro, Option<Ouro>)> {
    let deploy = |mut ouro: Ouro| -> Result<Ouro> {
        for (name, component) in workers {
            ouro.deploy(name, component)?;
        }
        Ok(ouro)
    };
    let against = options.against.clone().map(Ouro::start_binary);
    let against = against.map(|ouro| ouro.and_then(deploy)).transpose()?;
    Ok((deploy(Ouro::start(options)?)?, against))
}

fn subjects<'a>(
    ouro: &'a Ouro,
    against: Option<&'a Ouro>,
    workerd: &'a Server,
) -> Vec<(&'static str, &'a Server)> {
    let mut subjects = vec![("ouro", &ouro.server)];
    subjects.extend(against.map(|against| ("against", &against.server)));
    subjects.push(("workerd", workerd));
    subjects
}

/// Interleaved rounds of all subjects; the report gets each one's medians.
fn compare(
    options: &Options,
    report: &mut Report,
    scenario: &str,
    subjects: &[(&str, &Server)],
    requests: &[Request],
    connections: usize,
) -> Result<()> {
    let mut figures: Vec<[Vec<f64>; 5]> = vec![Default::default(); subjects.len()];
    for (_, server) in subjects {
        load::run(server.address, requests, connections, options.round() / 3)?;
    }
    for _ in 0..options.rounds {
        for ((_, server), figures) in subjects.iter().zip(&mut figures) {
            let before = server.usage()?;
            let round = load::run(server.address, requests, connections, options.round())?;
            let after = server.usage()?;
            let count = round.requests as f64;
            let values = [
                (after.cpu - before.cpu).as_secs_f64() * 1e6 / count,
                count / round.elapsed.as_secs_f64(),
                round.percentile_us(0.5),
                round.percentile_us(0.99) / 1e3,
                (after.minor_faults - before.minor_faults) as f64 / count,
            ];
            figures
                .iter_mut()
                .zip(values)
                .for_each(|(all, value)| all.push(value));
        }
    }
    let workerd = subjects.iter().position(|(name, _)| *name == "workerd");
    let base = workerd.map_or(f64::NAN, |at| median(&mut figures[at][0]));
    for ((name, _), figures) in subjects.iter().zip(&mut figures) {
        let [cpu, rate, p50, p99, faults] = figures.each_mut().map(|values| median(values));
        report.add(
            scenario,
            name,
            &[
                ("cpu_us_per_request", cpu),
                ("cpu_times_workerd", cpu / base),
                ("requests_per_second", rate),
                ("p50_us", p50),
                ("p99_ms", p99),
                ("page_faults_per_request", faults),
            ],
        );
    }
    Ok(())
}
