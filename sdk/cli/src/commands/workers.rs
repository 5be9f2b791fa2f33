//! `ouro workers`: list, get, auth, delete.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{field, short_id, time};
use crate::client::{Client, encode};
use crate::failure::Result;
use crate::output::{cell, plain, print, print_json, table};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the workers
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one worker
    #[command(alias = "show")]
    Get {
        /// Name or id
        worker: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say who may call a worker
    Auth {
        /// Name or id
        worker: String,
        /// Everybody; whoever has an anon token; members of the organization; keys of it
        #[arg(value_parser = ["public", "anon", "user", "key"])]
        auth: String,
    },
    /// Delete a worker with its versions and executions; its databases stay
    Delete {
        /// Name or id
        worker: String,
    },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { json } => list(client, *json).await,
        Command::Get { worker, json } => get(client, worker, *json).await,
        Command::Auth { worker, auth } => {
            let path = format!("api/v1/workers/{}", encode(worker));
            client.patch(&path, &json!({ "auth": auth })).await?;
            eprintln!("worker `{worker}` takes requests by `{auth}`");
            Ok(())
        }
        Command::Delete { worker } => {
            client
                .delete(&format!("api/v1/workers/{}", encode(worker)))
                .await?;
            eprintln!("deleted worker `{worker}`");
            Ok(())
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let workers = client.list("api/v1/workers", usize::MAX).await?;
    if json {
        return print_json(&Value::Array(workers));
    }
    let rows: Vec<_> = workers
        .iter()
        .map(|w| {
            vec![
                field(w, "name"),
                live(w),
                field(&w["health"], "status"),
                time(w, "updated_at"),
                field(w, "url"),
            ]
        })
        .collect();
    print(&table(&["NAME", "LIVE", "HEALTH", "UPDATED", "URL"], &rows))
}

async fn get(client: &Client, worker: &str, json: bool) -> Result<()> {
    let worker = client
        .get(&format!("api/v1/workers/{}", encode(worker)))
        .await?;
    if json {
        return print_json(&worker);
    }
    let mut text = String::new();
    for (label, key) in [
        ("name", "name"),
        ("id", "id"),
        ("url", "url"),
        ("description", "description"),
        ("environment", "environment"),
        ("auth", "auth"),
        ("created", "created_at"),
        ("updated", "updated_at"),
    ] {
        let value = match &worker[key] {
            Value::Object(object) => field(&json!(object), "name"),
            _ => field(&worker, key),
        };
        if !value.is_empty() {
            text.push_str(&format!("{label:<12}{value}\n"));
        }
    }
    text.push_str(&format!("{:<12}{}\n", "live", live(&worker)));
    text.push_str(&health(&worker["health"]));
    print(&text)
}

/// How it has fared lately: in one word, in numbers, and with what the newest failure said.
fn health(health: &Value) -> String {
    let Some(outcomes) = health["outcomes"].as_object() else {
        return String::new();
    };
    let mut outcomes: Vec<_> = outcomes.iter().collect();
    outcomes.sort_by_key(|(_, count)| Reverse(count.as_u64()));
    let counts: Vec<_> = outcomes
        .iter()
        .map(|(outcome, count)| format!("{} {}", cell(count), plain(outcome)))
        .collect();
    let minutes = health["window_ms"].as_u64().unwrap_or_default() / 60_000;
    let mut text = format!("{:<12}{}", "health", field(health, "status"));
    if !counts.is_empty() {
        let counts = counts.join(", ");
        text.push_str(&format!(" (last {minutes} minutes: {counts})"));
    }
    text.push('\n');
    let failure = &health["last_failure"];
    if failure.is_object() {
        text.push_str(&format!(
            "{:<12}{} {} {} {}\n",
            "failure",
            time(failure, "ended_at"),
            short_id(&field(failure, "execution_id")),
            field(failure, "outcome"),
            field(failure, "message"),
        ));
    }
    text
}

/// The live version's number and the beginning of its id.
fn live(worker: &Value) -> String {
    match &worker["live"] {
        Value::Object(live) => {
            let live = json!(live);
            format!(
                "{} ({})",
                field(&live, "number"),
                short_id(&field(&live, "id"))
            )
        }
        Value::String(id) => short_id(id),
        _ => "-".to_owned(),
    }
}
