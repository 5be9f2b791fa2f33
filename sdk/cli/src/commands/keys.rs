//! `ouro keys`: list, create, revoke, and anon tokens.

use serde_json::{Value, json};

use super::{field, time};
use crate::client::{Client, encode};
use crate::failure::Result;
use crate::output::{cell, print, print_json, table};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the keys of the organization
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create an API key, and print it: it is shown this once
    Create {
        name: String,
        /// What it may do, such as `workers:write` or `execute:functions`; several times
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// When it ends, as 2027-01-31T00:00:00Z
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Generate what servers and clients of the organization's workers use, and print it: it is shown this once
    Generate(GenerateArgs),
    /// Revoke a key, which is refused within two seconds
    Revoke {
        /// Its id
        key: String,
    },
}

#[derive(clap::Args)]
struct GenerateArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(clap::Subcommand)]
enum Kind {
    /// A token for clients, good for workers whose `auth` is `anon`
    Anon {
        /// Days until it ends
        #[arg(long, value_name = "DAYS")]
        lifetime_days: Option<u32>,
    },
    /// A key for servers, good for everything in the organization
    Service { name: String },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { json } => list(client, *json).await,
        Command::Create {
            name,
            scopes,
            expires_at,
            json,
        } => {
            let mut body = json!({ "name": name, "kind": "api", "scopes": scopes });
            if let Some(time) = expires_at {
                body["expires_at"] = json!(time);
            }
            created(client.post("api/v1/keys", &body).await?, *json)
        }
        Command::Generate(GenerateArgs {
            kind: Kind::Service { name },
        }) => {
            let body = json!({ "name": name, "kind": "service" });
            created(client.post("api/v1/keys", &body).await?, false)
        }
        Command::Generate(GenerateArgs {
            kind: Kind::Anon { lifetime_days },
        }) => {
            let mut body = json!({});
            if let Some(days) = lifetime_days {
                body["lifetime_days"] = json!(days);
            }
            let token = client.post("api/v1/keys/anon", &body).await?;
            eprintln!("an anon token, which ends {}", time(&token, "expires_at"));
            print(&format!("{}\n", field(&token, "token")))
        }
        Command::Revoke { key } => {
            client
                .delete(&format!("api/v1/keys/{}", encode(key)))
                .await?;
            eprintln!("revoked key `{key}`");
            Ok(())
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let keys = client.list("api/v1/keys", usize::MAX).await?;
    if json {
        return print_json(&Value::Array(keys));
    }
    let row = |key: &Value| {
        vec![
            field(key, "name"),
            field(key, "id"),
            field(key, "kind"),
            format!("{}…", field(key, "beginning")),
            cell(&key["last_used_at"]),
            cell(&key["expires_at"]),
        ]
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    print(&table(
        &["NAME", "ID", "KIND", "KEY", "LAST USED", "ENDS"],
        &rows,
    ))
}

/// The key goes to stdout alone, so that a script can take it.
fn created(key: Value, json: bool) -> Result<()> {
    if json {
        return print_json(&key);
    }
    eprintln!(
        "created {} key `{}` (`{}`); it is shown this once",
        field(&key, "kind"),
        field(&key, "name"),
        field(&key, "id")
    );
    print(&format!("{}\n", field(&key, "key")))
}
