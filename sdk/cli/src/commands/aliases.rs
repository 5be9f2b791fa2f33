//! `ouro aliases`: names of versions, each with a host name of its own.

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
    /// List the aliases of a worker, newest first
    List {
        /// Name or id of the worker
        worker: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have an alias name a version, whether or not it is there already
    Set {
        /// Name or id of the worker
        worker: String,
        /// 1 to 63 of a-z, 0-9 and -
        alias: String,
        /// Number, id, or the beginning of an id
        version: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete an alias; its version stays
    Delete {
        /// Name or id of the worker
        worker: String,
        alias: String,
    },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { worker, json } => list(client, worker, *json).await,
        Command::Set {
            worker,
            alias,
            version,
            json,
        } => {
            let set = set(client, worker, alias, version).await?;
            if *json {
                return print_json(&set);
            }
            print_set(&set)
        }
        Command::Delete { worker, alias } => {
            client.delete(&path(worker, alias)).await?;
            eprintln!("deleted alias `{alias}` of `{worker}`");
            Ok(())
        }
    }
}

/// Answers with the alias.
pub async fn set(client: &Client, worker: &str, alias: &str, version: &str) -> Result<Value> {
    let body = json!({ "version": version });
    client.put_json(&path(worker, alias), &body).await
}

/// Says what was set, and prints where it is served.
pub fn print_set(alias: &Value) -> Result<()> {
    eprintln!(
        "alias `{}` is version {} ({})",
        field(alias, "name"),
        field(alias, "version_number"),
        short_id(&field(alias, "version_id"))
    );
    print(&format!("{}\n", field(alias, "url")))
}

fn path(worker: &str, alias: &str) -> String {
    let (worker, alias) = (encode(worker), encode(alias));
    format!("api/v1/workers/{worker}/aliases/{alias}")
}

async fn list(client: &Client, worker: &str, json: bool) -> Result<()> {
    let path = format!("api/v1/workers/{}/aliases", encode(worker));
    let aliases = client.list(&path, usize::MAX).await?;
    if json {
        return print_json(&Value::Array(aliases));
    }
    let rows: Vec<_> = aliases
        .iter()
        .map(|alias| {
            vec![
                field(alias, "name"),
                field(alias, "version_number"),
                short_id(&field(alias, "version_id")),
                time(alias, "updated_at"),
                field(alias, "url"),
            ]
        })
        .collect();
    print(&table(
        &["NAME", "NUMBER", "VERSION", "UPDATED", "URL"],
        &rows,
    ))
}
