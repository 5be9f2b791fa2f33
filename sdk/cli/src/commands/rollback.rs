//! `ouro rollback`: the version that was live before, or a named one, is live again.

use serde_json::json;

use super::{field, short_id};
use crate::client::{Client, encode};
use crate::failure::Result;
use crate::output::print_json;

#[derive(clap::Args)]
pub struct Args {
    /// Name or id of the worker
    worker: String,
    /// Number, id, or the beginning of an id [default: the one that was live before]
    version: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    let path = format!("api/v1/workers/{}", encode(&args.worker));
    let deployment = match &args.version {
        Some(version) => {
            let body = json!({ "version": version });
            client.post(&format!("{path}/deployments"), &body).await?
        }
        None => client.post(&format!("{path}/rollback"), &json!({})).await?,
    };
    if args.json {
        return print_json(&deployment);
    }
    let number = field(&deployment, "version_number");
    let id = short_id(&field(&deployment, "version_id"));
    eprintln!("`{}` serves version {number} ({id}) again", args.worker);
    Ok(())
}
