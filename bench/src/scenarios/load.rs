//! Throughput, CPU time and latency under load: hello, a Hono + zod application, bundles of other sizes, and JSON.

use anyhow::Result;
use ouro_build::WarmUp;

use super::{Ouro, bundles, component, module, warm_component, worker};
use crate::Options;
use crate::client::Request;
use crate::measure::{self, Subject};
use crate::peers;
use crate::process::Server;
use crate::report::Report;

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
        let requests = [Request::get("hello.localhost", "/")];
        let mut subjects = subjects(&ouro, against.as_ref(), &workerd_hello, &requests);
        subjects.push(Subject::new("hyper", &hyper, &requests));
        let scenario = format!("hello, {connections} connections");
        compare(options, report, &scenario, &subjects, connections)?;
    }
    for (name, host) in [
        ("hono+zod", "app.localhost"),
        ("hono+zod warmed up", "warm.localhost"),
    ] {
        for connections in [1, 32] {
            let subjects = subjects(&ouro, against.as_ref(), &workerd_app, &app_requests(host));
            let scenario = format!("{name}, {connections} connections");
            compare(options, report, &scenario, &subjects, connections)?;
        }
    }
    Ok(())
}

/// The application, and the same with much more code that no request of the load runs.
pub fn bundle_sizes(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    ouro.deploy("app", &component(&worker("app.ts"))?)?;
    for (name, bytes) in [("medium", bundles::MEDIUM), ("large", bundles::LARGE)] {
        let entry = bundles::app_of_size(folder.path(), bytes, 0)?;
        ouro.deploy(name, &component(&entry)?)?;
    }
    let subject = |name, host| Subject::new(name, &ouro.server, &app_requests(host));
    let subjects = [
        subject("app alone", "app.localhost"),
        subject("475 KB", "medium.localhost"),
        subject("3 MB", "large.localhost"),
    ];
    let measured = measure::rounds(options, &subjects, 32)?;
    for (subject, figures) in subjects.iter().zip(&measured) {
        let times = figures.cpu_us / measured[0].cpu_us;
        let figures = [figures.figures(), vec![("cpu_times_app_alone", times)]].concat();
        report.add("hono+zod, bundle size", subject.name, &figures);
    }
    Ok(())
}

/// A third of them has its body checked by zod.
pub fn app_requests(host: &str) -> [Request; 3] {
    [
        Request::get(host, "/users/7?verbose=1"),
        Request::get(host, "/health"),
        Request::post_json(host, "/orders", ORDER, 201),
    ]
}

/// What the application's `ouro.toml` would say: other values than those of the load.
pub fn app_warm_up() -> [WarmUp; 2] {
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
    let requests = [Request::get("json.localhost", "/")];
    let subjects = subjects(&ouro, against.as_ref(), &workerd, &requests);
    compare(options, report, "json", &subjects, 1)
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
    requests: &[Request],
) -> Vec<Subject<'a>> {
    let mut subjects = vec![Subject::new("ouro", &ouro.server, requests)];
    subjects.extend(against.map(|against| Subject::new("against", &against.server, requests)));
    subjects.push(Subject::new("workerd", workerd, requests));
    subjects
}

fn compare(
    options: &Options,
    report: &mut Report,
    scenario: &str,
    subjects: &[Subject],
    connections: usize,
) -> Result<()> {
    let measured = measure::rounds(options, subjects, connections)?;
    let workerd = subjects.iter().position(|it| it.name == "workerd");
    let base = workerd.map_or(f64::NAN, |at| measured[at].cpu_us);
    for (subject, figures) in subjects.iter().zip(&measured) {
        let times = figures.cpu_us / base;
        let figures = [figures.figures(), vec![("cpu_times_workerd", times)]].concat();
        report.add(scenario, subject.name, &figures);
    }
    Ok(())
}
