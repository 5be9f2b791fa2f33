//! `ouro domains`: names of one's own that lead to workers.

use serde_json::{Value, json};

use super::{field, time};
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
    /// List the custom domains, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Claim a domain for a worker
    Add {
        /// Such as www.example.com
        domain: String,
        /// Name or id of the worker
        worker: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for the DNS record that proves whose it is; it serves from then on
    Verify {
        domain: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a domain up
    Delete { domain: String },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { json } => list(client, *json).await,
        Command::Add {
            domain,
            worker,
            json,
        } => {
            let body = json!({ "name": domain, "worker": worker });
            let added = client.post("api/v1/domains", &body).await?;
            show(&added, *json)
        }
        Command::Verify { domain, json } => {
            let path = format!("{}/verify", path(domain));
            let verified = client.post(&path, &json!({})).await?;
            show(&verified, *json)
        }
        Command::Delete { domain } => {
            client.delete(&path(domain)).await?;
            eprintln!("deleted domain `{domain}`");
            Ok(())
        }
    }
}

fn path(domain: &str) -> String {
    format!("api/v1/domains/{}", encode(domain))
}

/// Where proof is missing, stdout has the record that is to be published.
fn show(domain: &Value, json: bool) -> Result<()> {
    if json {
        return print_json(domain);
    }
    let name = field(domain, "name");
    if domain["verified"] == json!(true) {
        eprintln!("`{name}` serves `{}`", field(domain, "worker"));
        return Ok(());
    }
    eprintln!(
        "`{name}` serves nothing yet: publish this DNS record, then run `ouro domains verify {name}`"
    );
    let challenge = &domain["challenge"];
    print(&format!(
        "{}. {} \"{}\"\n",
        field(challenge, "name"),
        field(challenge, "type"),
        field(challenge, "value")
    ))
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let domains = client.list("api/v1/domains", usize::MAX).await?;
    if json {
        return print_json(&Value::Array(domains));
    }
    let rows: Vec<_> = domains
        .iter()
        .map(|domain| {
            let is_verified = domain["verified"] == json!(true);
            let state = if is_verified { "verified" } else { "claimed" };
            vec![
                field(domain, "name"),
                field(domain, "worker"),
                state.to_owned(),
                time(domain, "created_at"),
            ]
        })
        .collect();
    print(&table(&["NAME", "WORKER", "", "CREATED"], &rows))
}
