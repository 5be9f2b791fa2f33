//! The differential oracle: small workers run on Ouro and on workerd, and what clients see is compared.

mod corpus;
mod workerd;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use http::Request;
use http_body_util::Full;
use ouro_test_harness::{
    Answer, Client, Deploy, TestServer, TestServerOptions, Upstream, try_build_worker,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::docs;
use corpus::{Case, Sent};
use workerd::Workerd;

/// Of the workers of all suites, so that both sides behave alike.
pub const COMPATIBILITY_DATE: &str = "2026-11-01";

/// Differ from run to run, or belong to the connection (RFC 9110 7.6.1).
const HEADERS_LEFT_OUT: [&str; 7] = [
    "date",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "server",
    "x-request-id",
];

#[derive(clap::Args)]
pub struct Options {
    /// Runs only cases whose id contains one of these.
    filters: Vec<String>,
    #[arg(long, default_value = "tests/conformance/diff")]
    corpus: PathBuf,
    #[arg(long, default_value_os_t = workerd::default_binary())]
    workerd: PathBuf,
    /// Where the JSON report goes.
    #[arg(long, default_value = "out/report/diff.json")]
    report: PathBuf,
    /// Writes the table of differences into this page.
    #[arg(long)]
    docs: Option<PathBuf>,
}

/// What a client sees of one request.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Seen {
    status: u16,
    headers: Vec<String>,
    body: String,
}

#[derive(Serialize)]
struct Difference {
    case: String,
    ouro: Vec<Seen>,
    workerd: Vec<Seen>,
}

/// Runs the corpus and fails where a difference is not listed as intended, or one that is listed has gone.
pub async fn run(options: Options) -> Result<()> {
    let cases = corpus::read(&options.corpus, &options.filters)?;
    let intended = intended(&options)?;
    let upstream = Upstream::start().await;
    let folder = std::env::temp_dir().join(format!("ouro-diff-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let workerd = Workerd::start(&options.workerd, &folder, &cases, &upstream.url(""))?;
    let ouro =
        TestServer::with(TestServerOptions::with_built_management().set("test_scheduled", true))
            .await;
    let (mut differences, mut wrong) = (Vec::new(), Vec::new());
    for case in &cases {
        let theirs = ask(&Client::new(workerd.addresses[&case.worker()]), case).await;
        let ours = match deploy(&ouro, case, &upstream.url("")).await {
            Ok(()) => ask(&ouro.client, case).await,
            Err(error) => vec![Seen {
                status: 0,
                headers: Vec::new(),
                body: format!("not deployed: {error}"),
            }],
        };
        match (ours == theirs, intended.contains_key(&case.id)) {
            (true, true) => wrong.push(format!("{}: listed as intended, but the same", case.id)),
            (false, false) => wrong.push(format!("{}\n{}", case.id, contrast(&ours, &theirs))),
            _ => {}
        }
        if ours != theirs {
            differences.push(Difference {
                case: case.id.clone(),
                ouro: ours,
                workerd: theirs,
            });
        }
    }
    drop(workerd);
    let _ = fs::remove_dir_all(&folder);
    let summary = json!({ "cases": cases.len(), "same": cases.len() - differences.len(), "differences": differences });
    if let Some(folder) = options.report.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(
        &options.report,
        serde_json::to_string_pretty(&summary)? + "\n",
    )?;
    println!("{}", wrong.join("\n"));
    println!(
        "{} cases, {} the same, {} differ, {} not as listed",
        cases.len(),
        cases.len() - differences.len(),
        differences.len(),
        wrong.len()
    );
    if let Some(page) = &options.docs {
        let rows = intended
            .iter()
            .map(|(case, reason)| format!("| `{case}` | {reason} |\n"));
        let table: String =
            std::iter::once("| case | what differs, and why |\n|---|---|\n".to_owned())
                .chain(rows)
                .collect();
        docs::write(page, "differences", &table)?;
    }
    if !wrong.is_empty() {
        bail!("{} cases are not as listed", wrong.len());
    }
    Ok(())
}

/// Case to reason: `intended.json` beside the corpus.
fn intended(options: &Options) -> Result<BTreeMap<String, String>> {
    let path = options.corpus.join("intended.json");
    let text = fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

async fn deploy(ouro: &TestServer, case: &Case, upstream: &str) -> Result<(), String> {
    let component = try_build_worker(&case.source, &case.flags, Some(case.date()))?;
    let deploy = Deploy::default()
        .field(
            "vars",
            json!({ "UPSTREAM": upstream, "TEXT": "text", "JSON": { "a": [1] } }),
        )
        .field("compatibility_date", json!(case.date()))
        .field("compatibility_flags", json!(case.flags));
    let answer = ouro.api.deploy(&case.worker(), &component, deploy).await;
    match answer.status.as_u16() {
        201 => Ok(()),
        _ => Err(answer.text().to_owned()),
    }
}

async fn ask(client: &Client, case: &Case) -> Vec<Seen> {
    let mut seen = Vec::new();
    for sent in &case.requests {
        let host = format!("{}.localhost", case.worker());
        seen.push(match client.send(&host, request(sent)).await {
            Ok(response) => Answer::read(response).await.map_or_else(broken, see),
            Err(error) => broken(error),
        });
    }
    seen
}

fn request(sent: &Sent) -> Request<Full<bytes::Bytes>> {
    let mut request = Request::builder()
        .method(sent.method.as_str())
        .uri(&sent.path);
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    request
        .body(Full::from(sent.body.clone()))
        .expect("a request that the corpus names")
}

/// How a connection breaks is its own matter; that it does is seen.
fn broken(_error: impl std::error::Error) -> Seen {
    Seen {
        status: 0,
        headers: Vec::new(),
        body: "the connection broke".into(),
    }
}

fn see(answer: Answer) -> Seen {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !HEADERS_LEFT_OUT.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    // JSON is compared as such: the order of keys is the body's own matter.
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let body = serde_json::from_str::<Value>(&body).map_or(body, |mut value| {
        value.sort_all_objects();
        value.to_string()
    });
    Seen {
        status: answer.status.as_u16(),
        headers,
        body,
    }
}

fn contrast(ours: &[Seen], theirs: &[Seen]) -> String {
    let line = |seen: &[Seen]| {
        let texts = seen
            .iter()
            .map(|seen| format!("{} {:?} {}", seen.status, seen.headers, seen.body));
        texts.collect::<Vec<_>>().join(" | ")
    };
    format!("    ouro:    {}\n    workerd: {}", line(ours), line(theirs))
}
