//! `ouro executions`: what invocations did. Console lines and errors come with `--logs`.

use serde_json::{Value, json};

use super::{field, short_id, time};
use crate::client::{Client, encode};
use crate::failure::Result;
use crate::output::{bytes, plain_lines, print, print_json, table};

#[derive(clap::Args)]
pub struct Args {
    /// Name or id of the worker
    worker: String,
    /// Show console lines and errors too
    #[arg(long)]
    logs: bool,
    /// Only those that ended so, as `ok` or `exception`
    #[arg(long)]
    outcome: Option<String>,
    /// At most this many
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    let mut path = format!("api/v1/workers/{}/executions", encode(&args.worker));
    if let Some(outcome) = &args.outcome {
        path.push_str(&format!("?outcome={}", encode(outcome)));
    }
    let mut executions = client.list(&path, args.limit).await?;
    if args.logs {
        for execution in &mut executions {
            let id = field(execution, "id");
            *execution = client
                .get(&format!(
                    "api/v1/workers/{}/executions/{}",
                    encode(&args.worker),
                    encode(&id)
                ))
                .await?;
        }
    }
    if executions.is_empty() && !args.json {
        let ended = match &args.outcome {
            Some(outcome) => format!(" that ended as `{outcome}`"),
            None => String::new(),
        };
        eprintln!("`{}` has no executions{ended}", args.worker);
        return Ok(());
    }
    match (args.json, args.logs) {
        (true, _) => print_json(&Value::Array(executions)),
        (false, false) => print_table(&executions),
        // The oldest first, as a log is read.
        (false, true) => print(&executions.iter().rev().map(log).collect::<String>()),
    }
}

fn print_table(executions: &[Value]) -> Result<()> {
    let rows: Vec<_> = executions
        .iter()
        .map(|e| {
            vec![
                time(e, "started_at"),
                short_id(&field(e, "id")),
                field(e, "trigger"),
                field(e, "outcome"),
                field(e, "status_code"),
                micros(e, "duration_us"),
                micros(e, "cpu_us"),
                memory(e),
            ]
        })
        .collect();
    let head = [
        "STARTED",
        "EXECUTION",
        "TRIGGER",
        "OUTCOME",
        "STATUS",
        "DURATION",
        "CPU",
        "MEMORY",
    ];
    print(&table(&head, &rows))
}

fn log(execution: &Value) -> String {
    let mut text = format!(
        "{} {} {} {} {}, CPU {}, memory {}\n",
        time(execution, "started_at"),
        short_id(&field(execution, "id")),
        field(execution, "outcome"),
        field(execution, "status_code"),
        micros(execution, "duration_us"),
        micros(execution, "cpu_us"),
        memory(execution),
    );
    for line in execution["console"].as_array().into_iter().flatten() {
        let message = line["message"].as_str().unwrap_or_default();
        let level = field(line, "level");
        text.push_str(&plain_lines(message, &format!("  {level:<5} ")));
    }
    if let Some(dropped) = execution["console_dropped"].as_u64().filter(|n| *n > 0) {
        text.push_str(&format!("  ({dropped} more console lines were dropped)\n"));
    }
    if let Some(error) = execution["error"].as_str() {
        text.push_str(&plain_lines(error, "  "));
    }
    text
}

/// The most that it had at once.
fn memory(execution: &Value) -> String {
    let most = execution["memory_bytes_max"].as_u64();
    most.map_or_else(String::new, bytes)
}

fn micros(execution: &Value, key: &str) -> String {
    match execution[key].as_f64() {
        Some(us) => format!("{:.1} ms", us / 1e3),
        None => field(&json!({}), key),
    }
}
