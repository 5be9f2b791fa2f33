//! `ouro versions`: what was uploaded for a worker.

use serde_json::Value;

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
    /// List the versions of a worker, newest first
    List {
        /// Name or id of the worker
        worker: String,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    let Command::List {
        worker,
        limit,
        json,
    } = &args.command;
    let path = format!("api/v1/workers/{}", encode(worker));
    let versions = client.list(&format!("{path}/versions"), *limit).await?;
    if *json {
        return print_json(&Value::Array(versions));
    }
    let live = client.get(&path).await?;
    let live = &live["live"];
    let live = live["id"].as_str().or(live.as_str());
    let rows: Vec<_> = versions
        .iter()
        .map(|version| {
            let id = field(version, "id");
            let mark = if live == Some(&id) { "live" } else { "" };
            vec![
                field(version, "number"),
                short_id(&id),
                mark.to_owned(),
                time(version, "created_at"),
                field(version, "message"),
            ]
        })
        .collect();
    print(&table(
        &["NUMBER", "VERSION", "", "CREATED", "MESSAGE"],
        &rows,
    ))
}
