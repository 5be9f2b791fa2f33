//! What most requests of a site are besides a worker's own work: a static asset, a read from a database, a long body.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Ouro, component, module, worker};
use crate::Options;
use crate::client::Request;
use crate::load;
use crate::measure::{self, Measured, Subject};
use crate::peers::{self, hyper};
use crate::report::Report;

const CONNECTIONS: usize = 32;
/// Long bodies: enough that the server is never without work, and little enough that they don't wait for each other.
const STREAMS: usize = 4;

/// A file of 10 KiB, which the gateway answers with, beside the same bytes from memory.
pub fn asset(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    let files = files(&mut ouro, "/file.txt", &hyper::FILE)?;
    let hello = component(&worker("hello.ts"))?;
    ouro.deploy_with("site", &hello, json!({ "assets": { "files": files } }))?;
    let hyper = hyper::start(folder.path())?;
    let subjects = [
        Subject::new(
            "ouro",
            &ouro.server,
            &[Request::get("site.localhost", "/file.txt")],
        ),
        Subject::new(
            "hyper",
            &hyper,
            &[Request::get("localhost", hyper::FILE_PATH)],
        ),
    ];
    let measured = measure::rounds(options, &subjects, CONNECTIONS)?;
    for (subject, figures) in subjects.iter().zip(&measured) {
        let times = figures.cpu_us / measured[1].cpu_us;
        let figures = [figures.figures(), vec![("cpu_times_hyper", times)]].concat();
        report.add("asset of 10 KiB", subject.name, &figures);
    }
    Ok(())
}

/// A row by its primary key, beside the same worker on miniflare, and beside hello on the same server.
pub fn database(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    ouro.deploy("hello", &component(&worker("hello.ts"))?)?;
    ouro.api.database("rows")?;
    let rows = component(&worker("database.ts"))?;
    ouro.deploy_with("rows", &rows, json!({ "databases": { "DB": "rows" } }))?;
    let miniflare = peers::miniflare::start(&module(&worker("database.ts"))?, folder.path())?;
    let seed = Request::post_json("rows.localhost", "/", "{}", 201);
    for server in [&ouro.server, &miniflare] {
        load::once(server.address, &seed)?;
    }
    let reads: Vec<_> = (1..=100)
        .map(|id| Request::get("rows.localhost", &format!("/{}", id * 7)))
        .collect();
    let subjects = [
        Subject::new("ouro", &ouro.server, &reads),
        Subject::new("miniflare", &miniflare, &reads),
        Subject::new(
            "ouro, hello",
            &ouro.server,
            &[Request::get("hello.localhost", "/")],
        ),
    ];
    let measured = measure::rounds(options, &subjects, CONNECTIONS)?;
    let (miniflare, hello) = (measured[1].per_second, measured[2].cpu_us);
    for (subject, figures) in subjects.iter().zip(&measured) {
        let more = vec![
            ("requests_times_miniflare", figures.per_second / miniflare),
            ("cpu_times_hello", figures.cpu_us / hello),
        ];
        let figures = [figures.figures(), more].concat();
        report.add("database read", subject.name, &figures);
    }
    Ok(())
}

/// A body of 10 MiB: made by a worker, handed on by a worker, and out of the gateway, beside one out of memory.
pub fn stream(options: &Options, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut ouro = Ouro::start(options)?;
    let bytes = vec![b'a'; hyper::STREAM_BYTES];
    let files = files(&mut ouro, "/file.txt", &bytes)?;
    let component = component(&worker("stream.ts"))?;
    let assets = json!({ "files": files });
    ouro.deploy_with("site", &component, json!({ "assets": assets }))?;
    let assets = json!({ "files": files, "binding": "ASSETS", "run_worker_first": true });
    ouro.deploy_with("stream", &component, json!({ "assets": assets }))?;
    let hyper = hyper::start(folder.path())?;
    let subject = |name, host, path| Subject::new(name, &ouro.server, &[Request::get(host, path)]);
    let subjects = [
        subject("ouro, made", "stream.localhost", "/made"),
        subject("ouro, handed on", "stream.localhost", "/file.txt"),
        subject("ouro, asset", "site.localhost", "/file.txt"),
        Subject::new(
            "hyper",
            &hyper,
            &[Request::get("localhost", hyper::STREAM_PATH)],
        ),
    ];
    let measured = measure::rounds(options, &subjects, STREAMS)?;
    let mib_per_second =
        |it: &Measured| it.per_second * hyper::STREAM_BYTES as f64 / f64::from(1 << 20);
    for (subject, figures) in subjects.iter().zip(&measured) {
        let more = vec![
            ("mib_per_second", mib_per_second(figures)),
            (
                "share_of_hyper",
                figures.per_second / measured[3].per_second,
            ),
            ("cpu_ms_per_body", figures.cpu_us / 1e3),
        ];
        report.add("body of 10 MiB", subject.name, &more);
    }
    Ok(())
}

/// Uploads a file and names it as a version's `assets.files` do.
fn files(ouro: &mut Ouro, path: &str, contents: &[u8]) -> Result<Value> {
    let digest = ouro.api.upload(contents)?;
    let file = json!({ "digest": digest, "size": contents.len(), "content_type": "text/plain" });
    Ok(json!({ path: file }))
}
