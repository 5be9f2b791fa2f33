//! `ouro versions`: what was uploaded for a worker, and what of it is live.

use serde_json::{Value, json};

use super::{field, short_id, time};
use crate::client::{Client, encode};
use crate::failure::{Result, user};
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
    /// Make versions live: one, or several with their percentages, as in `3@90 4@10`
    Deploy {
        /// Name or id of the worker
        worker: String,
        /// Number, id, or the beginning of an id
        #[arg(required = true, value_name = "VERSION[@PERCENTAGE]", value_parser = part)]
        versions: Vec<(String, Option<f64>)>,
        /// Give clients without a version key one in a cookie, so that they stay with a version
        #[arg(long)]
        sticky: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List {
            worker,
            limit,
            json,
        } => list(client, worker, *limit, *json).await,
        Command::Deploy {
            worker,
            versions,
            sticky,
            json,
        } => {
            let body = deployment(versions, *sticky)?;
            let path = format!("api/v1/workers/{}/deployments", encode(worker));
            let deployment = client.post(&path, &body).await?;
            if *json {
                return print_json(&deployment);
            }
            print_deployment(worker, &deployment);
            Ok(())
        }
    }
}

/// A version, and the percentage where one is given.
fn part(text: &str) -> Result<(String, Option<f64>), String> {
    let Some((version, percentage)) = text.split_once('@') else {
        return Ok((text.to_owned(), None));
    };
    let number = percentage.trim_end_matches('%').parse::<f64>();
    let number = number.map_err(|_| format!("`{percentage}` is not a percentage"))?;
    Ok((version.to_owned(), Some(number)))
}

/// One version has everything; of several, each says what it has.
fn deployment(versions: &[(String, Option<f64>)], sticky: bool) -> Result<Value> {
    if let [(version, percentage)] = versions
        && percentage.is_none_or(|percentage| percentage >= 100.0)
    {
        return Ok(json!({ "version": version }));
    }
    let mut parts = Vec::new();
    for (version, percentage) in versions {
        let percentage = percentage.ok_or_else(|| {
            user(format!("version `{version}` has no percentage"))
                .hint(format!("write it behind the version, as in `{version}@10`"))
        })?;
        parts.push(json!({ "version": version, "percentage": percentage }));
    }
    let sticky = sticky.then_some("cookie");
    Ok(json!({ "versions": parts, "sticky": sticky }))
}

fn print_deployment(worker: &str, deployment: &Value) {
    let versions = deployment["versions"].as_array();
    let shares: Vec<_> = versions
        .into_iter()
        .flatten()
        .map(|share| {
            format!(
                "{} % version {} ({})",
                field(share, "percentage"),
                field(share, "version_number"),
                short_id(&field(share, "version_id"))
            )
        })
        .collect();
    eprintln!("`{worker}` serves {}", shares.join(", "));
}

async fn list(client: &Client, worker: &str, limit: usize, json: bool) -> Result<()> {
    let path = format!("api/v1/workers/{}", encode(worker));
    let versions = client.list(&format!("{path}/versions"), limit).await?;
    if json {
        return print_json(&Value::Array(versions));
    }
    let rows: Vec<_> = versions
        .iter()
        .map(|version| {
            vec![
                field(version, "number"),
                short_id(&field(version, "id")),
                live(version),
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

/// Whether it is live, and with what part of the requests where that is not all.
fn live(version: &Value) -> String {
    match (version["live"].as_bool(), version["percentage"].as_f64()) {
        (Some(true), Some(percentage)) if percentage < 100.0 => {
            format!("live {} %", field(version, "percentage"))
        }
        (Some(true), _) => "live".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(texts: &[&str], sticky: bool) -> Result<Value> {
        let versions: Vec<_> = texts.iter().map(|text| part(text).unwrap()).collect();
        deployment(&versions, sticky)
    }

    #[test]
    fn versions_are_deployed_alone_or_with_percentages() {
        assert_eq!(body(&["3"], false).unwrap(), json!({ "version": "3" }));
        assert_eq!(body(&["3@100"], false).unwrap(), json!({ "version": "3" }));
        let split = json!({
            "versions": [{ "version": "3", "percentage": 90.0 }, { "version": "ver_a", "percentage": 10.5 }],
            "sticky": "cookie",
        });
        assert_eq!(body(&["3@90", "ver_a@10.5%"], true).unwrap(), split);
        let error = body(&["3@90", "4"], false).unwrap_err();
        assert!(error.message.contains("`4` has no percentage"), "{error}");
        assert!(part("3@many").is_err());
    }
}
