//! `ouro crons`: list, create, delete, run, runs.

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
    /// List the crons of a worker, or of all
    List {
        /// Name or id of the worker
        worker: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a worker whenever an expression says so
    Create(CreateArgs),
    /// Delete a cron and its history
    Delete {
        /// Name or id of the worker
        worker: String,
        /// Id of the cron, or how it begins; not needed where there is only one
        cron: Option<String>,
    },
    /// Run a cron now
    Run {
        /// Name or id of the worker
        worker: String,
        /// Id of the cron, or how it begins; not needed where there is only one
        cron: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the last runs of a cron
    Runs {
        /// Name or id of the worker
        worker: String,
        /// Id of the cron, or how it begins; not needed where there is only one
        cron: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
struct CreateArgs {
    /// Name or id of the worker
    worker: String,
    /// When it is due: minute, hour, day of month, month, day of week, as in "*/5 * * * *"
    expression: String,
    /// IANA name, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "NAME")]
    timezone: Option<String>,
    /// What becomes of due times at which no node was there [default: skip]
    #[arg(long, value_parser = ["skip", "once", "all"])]
    missed: Option<String>,
    /// Leave it switched off
    #[arg(long)]
    disabled: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { worker, json } => list(client, worker.as_deref(), *json).await,
        Command::Create(args) => create(client, args).await,
        Command::Delete { worker, cron } => {
            let id = find(client, worker, cron.as_deref()).await?;
            client.delete(&format!("api/v1/crons/{id}")).await?;
            eprintln!("deleted cron `{}`", short_id(&id));
            Ok(())
        }
        Command::Run { worker, cron, json } => {
            let id = find(client, worker, cron.as_deref()).await?;
            let run = client
                .post(&format!("api/v1/crons/{id}/run"), &json!({}))
                .await?;
            if *json {
                return print_json(&run);
            }
            eprintln!("`ouro crons runs {worker}` shows what comes of it");
            print(&format!("{}\n", field(&run, "id")))
        }
        Command::Runs {
            worker,
            cron,
            limit,
            json,
        } => runs(client, worker, cron.as_deref(), *limit, *json).await,
    }
}

async fn list(client: &Client, worker: Option<&str>, json: bool) -> Result<()> {
    let crons = match worker {
        Some(worker) => client.list(&path_of(worker), usize::MAX).await?,
        None => client.list("api/v1/crons", usize::MAX).await?,
    };
    if json {
        return print_json(&Value::Array(crons));
    }
    let rows: Vec<_> = crons.iter().map(row).collect();
    let head = [
        "CRON",
        "WORKER",
        "EXPRESSION",
        "TIME ZONE",
        "NEXT",
        "MISSED",
        "SOURCE",
    ];
    print(&table(&head, &rows))
}

fn row(cron: &Value) -> Vec<String> {
    let next = if cron["enabled"] == json!(false) {
        "off".to_owned()
    } else {
        time(cron, "next_at")
    };
    vec![
        short_id(&field(cron, "id")),
        field(cron, "worker"),
        field(cron, "expression"),
        field(cron, "timezone"),
        next,
        field(cron, "missed"),
        field(cron, "source"),
    ]
}

async fn create(client: &Client, args: &CreateArgs) -> Result<()> {
    let mut body = json!({ "expression": args.expression, "enabled": !args.disabled });
    if let Some(timezone) = &args.timezone {
        body["timezone"] = json!(timezone);
    }
    if let Some(missed) = &args.missed {
        body["missed"] = json!(missed);
    }
    let cron = client.post(&path_of(&args.worker), &body).await?;
    if args.json {
        return print_json(&cron);
    }
    if !args.disabled {
        eprintln!("due next at {}", time(&cron, "next_at"));
    }
    print(&format!("{}\n", field(&cron, "id")))
}

async fn runs(
    client: &Client,
    worker: &str,
    cron: Option<&str>,
    limit: usize,
    json: bool,
) -> Result<()> {
    let id = find(client, worker, cron).await?;
    let runs = client
        .list(&format!("api/v1/crons/{id}/runs"), limit)
        .await?;
    if json {
        return print_json(&Value::Array(runs));
    }
    let rows: Vec<_> = runs.iter().map(run_row).collect();
    let head = [
        "SCHEDULED",
        "RUN",
        "STARTED",
        "ENDED",
        "OUTCOME",
        "EXECUTION",
    ];
    print(&table(&head, &rows))
}

fn run_row(run: &Value) -> Vec<String> {
    let outcome = match field(run, "outcome") {
        none if none.is_empty() => field(run, "status"),
        outcome => outcome,
    };
    vec![
        time(run, "scheduled_at"),
        short_id(&field(run, "id")),
        time(run, "started_at"),
        time(run, "ended_at"),
        outcome,
        short_id(&field(run, "execution_id")),
    ]
}

/// The id of the one cron of the worker that is meant.
async fn find(client: &Client, worker: &str, beginning: Option<&str>) -> Result<String> {
    let crons = client.list(&path_of(worker), usize::MAX).await?;
    let ids = crons.iter().map(|cron| field(cron, "id"));
    let mut meant = ids.filter(|id| beginning.is_none_or(|beginning| id.starts_with(beginning)));
    match (meant.next(), meant.next(), beginning) {
        (Some(id), None, _) => Ok(id),
        (Some(_), Some(_), _) => Err(user(format!(
            "more than one cron of `{worker}` is meant: name its id"
        ))
        .hint(format!("`ouro crons list {worker}` shows the ids"))),
        (None, _, Some(beginning)) => Err(user(format!("`{worker}` has no cron `{beginning}`"))
            .hint(format!("`ouro crons list {worker}` shows the ids"))),
        (None, _, None) => Err(user(format!("`{worker}` has no cron"))),
    }
}

fn path_of(worker: &str) -> String {
    format!("api/v1/workers/{}/crons", encode(worker))
}
