//! `ouro deploy`: build, upload what the server lacks, create a version, make it live.
//!
//! What can be refused without a build is, before it. Nothing on the server changes before everything is built and read; what serves
//! changes with the last call.

mod upload;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::{Method, StatusCode};
use ouro_build::Compatibility;
use ouro_core::Digest;
use ouro_core::name::MANAGEMENT;
use serde_json::{Map, Value, json};

use super::build::{self, Target};
use super::{aliases, field, short_id};
use crate::client::{Client, encode};
use crate::failure::{Failure, Result, ours, user};
use crate::output::{bytes, millis, print, print_json};
use crate::project::assets::{self, Collected};
use crate::project::{Project, Service};
use crate::wait;

#[derive(clap::Args)]
pub struct Args {
    /// The module to build, or a component (.wasm) to deploy as it is [default: `main` of the configuration file]
    entry: Option<PathBuf>,

    /// Name of the worker [default: that of the configuration file]
    #[arg(long)]
    name: Option<String>,

    /// A note kept with the version
    #[arg(long, short)]
    message: Option<String>,

    /// Set a var, over that of the configuration file
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = pair)]
    vars: Vec<(String, String)>,

    /// Set a secret; NAME alone takes its value from the environment variable of that name
    #[arg(long = "secret", value_name = "NAME[=VALUE]", value_parser = secret)]
    secrets: Vec<Secret>,

    /// Minify the bundle
    #[arg(long)]
    minify: bool,

    /// Do not make the version live: have this alias name it, and print the alias's URL
    #[arg(long, conflicts_with = "management")]
    alias: Option<String>,

    /// Deploy a new version of the management API itself, the worker `management`
    #[arg(long)]
    management: bool,

    /// Build and check everything, send nothing
    #[arg(long)]
    dry_run: bool,

    /// Configuration file [default: ouro.toml, wrangler.jsonc, wrangler.json or wrangler.toml here]
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Its `Debug` must not show the value.
#[derive(Clone)]
struct Secret {
    name: String,
    value: String,
}

/// All that is sent, ready before the first call that changes something.
struct Plan {
    name: String,
    project: Project,
    component: Bytes,
    digest: Digest,
    assets: Collected,
    build_time: Duration,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn secret(text: &str) -> Result<Secret, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (
            text,
            std::env::var(text).map_err(|_| "no such environment variable")?,
        ),
    };
    Ok(Secret {
        name: name.to_owned(),
        value,
    })
}

/// What is to be deployed, as arguments and configuration say.
struct Source {
    name: String,
    project: Project,
    /// None where a project has assets alone.
    entry: Option<PathBuf>,
}

pub fn run(args: &Args, client: impl Fn() -> Result<Client>) -> Result<()> {
    let source = read(args)?;
    if args.dry_run {
        // It needs neither server nor token.
        return dry_run(args, &prepare(args, source)?);
    }
    wait(check(&source, &client()?))?;
    let plan = prepare(args, source)?;
    // A client of its own: during the build the server may have closed the first one's connection.
    wait(send(args, plan, &client()?))
}

fn read(args: &Args) -> Result<Source> {
    let project = Project::load(args.config.as_deref())?;
    let name = worker_name(args, &project)?;
    let only_assets = args.entry.is_none() && project.main.is_none() && project.assets.is_some();
    let entry = if only_assets {
        None
    } else {
        Some(project.entry(args.entry.as_deref())?)
    };
    project.print_notes();
    Ok(Source {
        name,
        project,
        entry,
    })
}

/// Can the server be reached, does it take the token, and has it the workers that this one calls?
async fn check(source: &Source, client: &Client) -> Result<()> {
    client.find(&worker_path(&source.name)).await?;
    let mut missing = Vec::new();
    // The deploy itself makes the worker that calls itself.
    let others = source.project.services.iter();
    for service in others.filter(|service| service.service != source.name) {
        let path = worker_path(&service.service);
        if client.find(&path).await?.is_none() {
            missing.push(service);
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing_services(&source.project, &missing))
    }
}

fn missing_services(project: &Project, missing: &[&Service]) -> Failure {
    let file = project.file.as_deref().unwrap_or(Path::new("ouro.toml"));
    let mut message = format!(
        "`services` in `{}` names workers that the server does not have",
        file.display()
    );
    for Service {
        binding, service, ..
    } in missing
    {
        message.push_str(&format!(
            "\n  binding `{binding}`: `service` is `{service}`"
        ));
    }
    let mut names: Vec<_> = missing.iter().map(|s| format!("`{}`", s.service)).collect();
    names.sort();
    names.dedup();
    user(message).hint(format!("deploy {} first", names.join(" and ")))
}

fn worker_path(name: &str) -> String {
    format!("api/v1/workers/{}", encode(name))
}

/// Builds and reads everything.
fn prepare(args: &Args, source: Source) -> Result<Plan> {
    let Source {
        name,
        project,
        entry,
    } = source;
    let collected = match &project.assets {
        Some(config) => assets::collect(&project.path(&config.directory))?,
        None => Collected::default(),
    };
    for note in &collected.notes {
        eprintln!("{note}");
    }
    let built = match &entry {
        Some(entry) => component(entry, args, &project)?,
        None => not_found_worker()?,
    };
    eprintln!(
        "built `{name}`: {} in {}",
        bytes(built.component.len() as u64),
        millis(built.took)
    );
    Ok(Plan {
        name,
        project,
        digest: built.digest,
        component: built.component,
        assets: collected,
        build_time: built.took,
    })
}

/// The management API is replaced on purpose alone.
fn worker_name(args: &Args, project: &Project) -> Result<String> {
    let option = args.name.as_deref();
    if args.management {
        return match option.unwrap_or(MANAGEMENT) {
            MANAGEMENT => Ok(MANAGEMENT.to_owned()),
            name => Err(user(format!(
                "--management deploys `{MANAGEMENT}`, not `{name}`"
            ))),
        };
    }
    let name = project.worker_name(option)?;
    if name == MANAGEMENT {
        return Err(user(format!("`{MANAGEMENT}` is the management API itself"))
            .hint("--name gives another name; --management deploys a new version of that API"));
    }
    Ok(name)
}

/// A component file is taken as it is; anything else is built.
fn component(entry: &Path, args: &Args, project: &Project) -> Result<build::Built> {
    if entry.extension().is_none_or(|e| e != "wasm") {
        let target = if args.management {
            Target::Management
        } else {
            Target::Worker
        };
        let minify = args.minify || project.minify;
        let warm_up = project.warm_up.clone();
        return build::build(entry, target, minify, project.compatibility(), warm_up);
    }
    let begun = Instant::now();
    let component = std::fs::read(entry)
        .map_err(|e| user(format!("cannot read `{}`: {e}", entry.display())))?;
    Ok(build::Built {
        digest: Digest::of(&component),
        component: component.into(),
        took: begun.elapsed(),
    })
}

/// What answers where a project has assets alone and none of them matches.
fn not_found_worker() -> Result<build::Built> {
    const CODE: &str =
        "export default { fetch: () => new Response(\"not found\\n\", { status: 404 }) };\n";
    let failed = |e: std::io::Error| ours(format!("a temporary file: {e}"));
    let folder = tempfile::tempdir().map_err(failed)?;
    let entry = folder.path().join("not-found.js");
    std::fs::write(&entry, CODE).map_err(failed)?;
    build::build(
        &entry,
        Target::Worker,
        true,
        Compatibility::default(),
        Vec::new(),
    )
}

fn dry_run(args: &Args, plan: &Plan) -> Result<()> {
    let body = version_body(args, plan);
    if args.json {
        let mut shown = body;
        hide_secrets(&mut shown);
        return print_json(&json!({ "name": plan.name, "version": shown }));
    }
    let asset_bytes: u64 = plan.assets.files.values().map(|f| f.size).sum();
    eprintln!(
        "dry run: nothing was sent; a deploy uploads at most {} and {} assets of {}",
        bytes(plan.component.len() as u64),
        plan.assets.files.len(),
        bytes(asset_bytes)
    );
    Ok(())
}

fn hide_secrets(body: &mut Value) {
    if let Some(secrets) = body.get_mut("secrets").and_then(Value::as_object_mut) {
        secrets
            .values_mut()
            .for_each(|value| *value = json!("(hidden)"));
    }
}

async fn send(args: &Args, plan: Plan, client: &Client) -> Result<()> {
    let begun = Instant::now();
    let uploaded = upload::missing(client, &plan).await?;
    let upload_time = begun.elapsed();
    eprintln!(
        "uploaded {} of {} files, {} in {}",
        uploaded.files,
        uploaded.files_all,
        bytes(uploaded.bytes),
        millis(upload_time)
    );

    ensure_databases(client, &plan.project).await?;
    let worker_path = worker_path(&plan.name);
    ensure_worker(client, &plan.name, &worker_path).await?;

    let begun = Instant::now();
    let mut body = version_body(args, &plan);
    body["activate"] = json!(args.alias.is_none());
    let version = client
        .post(&format!("{worker_path}/versions"), &body)
        .await?;
    let (number, id) = (field(&version, "number"), field(&version, "id"));
    let (url, done) = match &args.alias {
        Some(alias) => {
            let set = aliases::set(client, &plan.name, alias, &id).await?;
            (field(&set, "url"), format!("alias `{alias}` is"))
        }
        None => {
            let worker = client.get(&worker_path).await?;
            (field(&worker, "url"), "activated".to_owned())
        }
    };
    let activate_time = begun.elapsed();
    eprintln!(
        "{done} version {number} ({}) in {}",
        short_id(&id),
        millis(activate_time)
    );
    if args.json {
        return print_json(&json!({
            "name": plan.name,
            "url": url,
            "version": version,
            "build_ms": plan.build_time.as_millis() as u64,
            "upload_files": uploaded.files,
            "upload_bytes": uploaded.bytes,
            "upload_ms": upload_time.as_millis() as u64,
            "activate_ms": activate_time.as_millis() as u64,
        }));
    }
    print(&format!("{url}\n"))
}

/// Creates the databases that the project names and the server does not have.
async fn ensure_databases(client: &Client, project: &Project) -> Result<()> {
    for database in &project.databases {
        let path = format!("api/v1/databases/{}", encode(&database.name));
        if client.find(&path).await?.is_none()
            && created(client, "api/v1/databases", &database.name).await?
        {
            eprintln!("created database `{}`", database.name);
        }
    }
    Ok(())
}

async fn ensure_worker(client: &Client, name: &str, path: &str) -> Result<()> {
    if client.find(path).await?.is_none() && created(client, "api/v1/workers", name).await? {
        eprintln!("created worker `{name}`");
    }
    Ok(())
}

/// False where someone else was quicker.
async fn created(client: &Client, path: &str, name: &str) -> Result<bool> {
    let answer = client
        .send(Method::POST, path, Some(&json!({ "name": name })))
        .await?;
    match answer {
        Ok(_) => Ok(true),
        Err(error) if error.status == StatusCode::CONFLICT => Ok(false),
        Err(error) => Err(client.refused(error)),
    }
}

/// The version as the API takes it.
fn version_body(args: &Args, plan: &Plan) -> Value {
    let project = &plan.project;
    let mut vars: Map<String, Value> = project.vars.clone().into_iter().collect();
    vars.extend(args.vars.iter().map(|(k, v)| (k.clone(), json!(v))));
    let mut body = json!({ "component": plan.digest, "vars": vars });
    if let Some(message) = &args.message {
        body["message"] = json!(message);
    }
    if !args.secrets.is_empty() {
        body["secrets"] = args
            .secrets
            .iter()
            .map(|s| (s.name.clone(), json!(s.value)))
            .collect();
    }
    if !project.databases.is_empty() {
        body["databases"] = project
            .databases
            .iter()
            .map(|d| (d.binding.clone(), json!(d.name)))
            .collect();
    }
    if !project.services.is_empty() {
        body["services"] = project
            .services
            .iter()
            .map(|s| (s.binding.clone(), service_body(s)))
            .collect();
    }
    if let Some(assets) = assets_body(plan) {
        body["assets"] = assets;
    }
    if let Some(date) = &project.compatibility_date {
        body["compatibility_date"] = json!(date);
    }
    if !project.compatibility_flags.is_empty() {
        body["compatibility_flags"] = json!(project.compatibility_flags);
    }
    if !project.limits.is_empty() {
        body["limits"] = json!(project.limits);
    }
    if let Some(allow_net) = &project.allow_net {
        body["allow_net"] = allow_net.clone();
    }
    if !project.crons.is_empty() {
        body["crons"] = json!(project.crons);
    }
    body
}

fn service_body(service: &Service) -> Value {
    let mut body = json!({ "worker": service.service });
    if let Some(entrypoint) = &service.entrypoint {
        body["entrypoint"] = json!(entrypoint);
    }
    if let Some(props) = &service.props {
        body["props"] = json!(props);
    }
    body
}

fn assets_body(plan: &Plan) -> Option<Value> {
    let config = plan.project.assets.as_ref()?;
    let files: Map<String, Value> = plan
        .assets
        .files
        .iter()
        .map(|(path, file)| {
            let file = json!({
                "digest": file.digest, "size": file.size, "content_type": file.content_type,
            });
            (path.clone(), file)
        })
        .collect();
    let mut body = json!({ "files": files, "run_worker_first": config.run_worker_first });
    let options = [
        ("binding", &config.binding),
        ("html_handling", &config.html_handling),
        ("not_found_handling", &config.not_found_handling),
    ];
    for (key, value) in options {
        if let Some(value) = value {
            body[key] = json!(value);
        }
    }
    if !plan.assets.headers.is_empty() {
        body["headers"] = json!(plan.assets.headers);
    }
    if !plan.assets.redirects.is_empty() {
        body["redirects"] = json!(plan.assets.redirects);
    }
    Some(body)
}
