//! `ouro workers`: list, get, delete.

use serde_json::{Value, json};

use super::{field, short_id, time};
use crate::client::{Client, encode};
use crate::failure::Result;
use crate::output::{print, print_json, table};

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
                time(w, "updated_at"),
                field(w, "url"),
            ]
        })
        .collect();
    print(&table(&["NAME", "LIVE", "UPDATED", "URL"], &rows))
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
    print(&text)
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
