//! Popular npm packages at real work, one worker for each: `tests/packages/smoke/<package>.js`.

pub mod upstream;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use futures_util::stream::{self, StreamExt};
use ouro_test_harness::{
    Component, Deploy, TestServer, TestServerOptions, try_build_entry_with_flags,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::diff::COMPATIBILITY_DATE;
use crate::docs;

const ENTRY: &str = include_str!("entry.js");

#[derive(clap::Args)]
pub struct Options {
    /// Runs only packages whose name contains one of these.
    filters: Vec<String>,
    /// The folder with `package.json`, `node_modules` and `smoke/`.
    #[arg(long, default_value = "tests/packages")]
    folder: PathBuf,
    /// Where the JSON report goes.
    #[arg(long, default_value = "out/report/packages.json")]
    report: PathBuf,
    /// Writes the table into this page.
    #[arg(long)]
    docs: Option<PathBuf>,
    /// Packages that run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

#[derive(Serialize)]
struct Row {
    package: String,
    version: String,
    /// Nothing where it passed.
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    version: String,
}

/// Runs every package and fails where one that is not listed in `known-failures.json` fails, or one that is listed passes.
pub async fn run(options: Options) -> Result<()> {
    let known: BTreeMap<String, String> = {
        let path = options.folder.join("known-failures.json");
        let text = fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
        serde_json::from_str(&text)?
    };
    let server = TestServer::with(TestServerOptions::with_built_management()).await;
    let upstream = upstream::start().await?;
    let database = server
        .api
        .call("POST", "/databases", json!({ "name": "packages" }))
        .await;
    let database = database.json()["id"]
        .as_str()
        .context("a database")?
        .to_owned();
    let (server, upstream, database) = (&server, &upstream, &database);
    let mut outcomes = stream::iter(find(&options)?)
        .map(|(package, smoke)| async move {
            let outcome = try_package(server, smoke, upstream, database).await;
            (package, outcome)
        })
        .buffered(options.jobs);
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    while let Some((package, outcome)) = outcomes.next().await {
        let version = version(&options.folder, &package)?;
        match (&outcome, known.contains_key(&package)) {
            (Err(reason), false) => wrong.push(format!("{package} {version}: {reason}")),
            (Ok(()), true) => wrong.push(format!("{package}: passed unexpectedly")),
            _ => {}
        }
        println!(
            "{} {package} {version}",
            if outcome.is_ok() { "pass" } else { "FAIL" }
        );
        let reason = outcome
            .err()
            .map(|found| known.get(&package).cloned().unwrap_or(found));
        rows.push(Row {
            package,
            version,
            reason,
        });
    }
    write(&options, &rows)?;
    let passed = rows.iter().filter(|row| row.reason.is_none()).count();
    println!("{passed} of {} packages passed", rows.len());
    if !wrong.is_empty() {
        bail!(
            "{} packages are not as expected:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
    Ok(())
}

/// Package and file, which names the package in its first line.
fn find(options: &Options) -> Result<Vec<(String, PathBuf)>> {
    let folder = options.folder.join("smoke");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("`{}`", folder.display()))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let package = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("// "));
        let package =
            package.with_context(|| format!("`{}` does not name its package", path.display()))?;
        if options.filters.is_empty()
            || options
                .filters
                .iter()
                .any(|filter| package.contains(filter.as_str()))
        {
            found.push((package.to_owned(), path));
        }
    }
    found.sort();
    Ok(found)
}

fn version(folder: &Path, package: &str) -> Result<String> {
    let path = folder
        .join("node_modules")
        .join(package)
        .join("package.json");
    let text = fs::read_to_string(&path).with_context(|| {
        format!(
            "`{}`\nhint: npm ci --prefix {}",
            path.display(),
            folder.display()
        )
    })?;
    Ok(serde_json::from_str::<Manifest>(&text)?.version)
}

fn build(smoke: &Path) -> Result<Component, String> {
    let file = smoke.file_name().unwrap_or_default().to_string_lossy();
    // Beside the test, since imports are looked for from there.
    let entry = smoke.with_file_name(format!(".entry-{file}"));
    fs::write(&entry, ENTRY.replace("SMOKE", &file)).map_err(|error| error.to_string())?;
    let flags = ["nodejs_compat".into()];
    let built = try_build_entry_with_flags(entry.clone(), &flags, Some(COMPATIBILITY_DATE));
    let _ = fs::remove_file(&entry);
    built
}

async fn try_package(
    server: &TestServer,
    smoke: PathBuf,
    upstream: &str,
    database: &str,
) -> Result<(), String> {
    let name = smoke
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .replace('.', "-");
    // Building takes the processor for a while.
    let building = tokio::task::spawn_blocking(move || build(&smoke)).await;
    let built = building.map_err(|error| format!("the build panicked: {error}"))?;
    let deploy = Deploy::default()
        .field("vars", json!({ "UPSTREAM": upstream }))
        .field("databases", json!({ "DB": database }))
        .field("compatibility_date", json!(COMPATIBILITY_DATE))
        .field("compatibility_flags", json!(["nodejs_compat"]));
    let deployed = server.api.deploy(&name, &built?, deploy).await;
    if deployed.status != 201 {
        return Err(deployed.text().to_owned());
    }
    let answer = server.get(&name, "/").await;
    match answer.text() {
        "passed" => Ok(()),
        text => Err(format!("{} {text}", answer.status)),
    }
}

fn write(options: &Options, rows: &[Row]) -> Result<()> {
    if let Some(folder) = options.report.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&options.report, serde_json::to_string_pretty(rows)? + "\n")?;
    // A part of the table would pass for all of it.
    let Some(page) = options.docs.as_ref().filter(|_| options.filters.is_empty()) else {
        return Ok(());
    };
    let mut table = String::from("| package | version | |\n|---|---|---|\n");
    for row in rows {
        let outcome = row
            .reason
            .as_deref()
            .map_or("passes", |reason| reason.lines().next().unwrap_or_default());
        table += &format!("| `{}` | {} | {outcome} |\n", row.package, row.version);
    }
    docs::write(page, "packages", &table)
}
