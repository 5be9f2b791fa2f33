//! `ouro databases`: list, create, delete, exec.

mod sql;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{field, time};
use crate::client::{Client, encode};
use crate::failure::{Result, user};
use crate::output::{cell, print, print_json, table};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the databases
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create an empty database
    Create {
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a database and everything in it
    Delete {
        /// Name or id
        database: String,
    },
    /// Run SQL, one statement after another
    Exec(ExecArgs),
}

#[derive(clap::Args)]
struct ExecArgs {
    /// Name or id of the database
    database: String,
    /// The SQL
    // It may begin with a comment.
    #[arg(
        required_unless_present = "file",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
    sql: Option<String>,
    /// File with the SQL
    #[arg(long)]
    file: Option<PathBuf>,
    /// Value for the next `?`; JSON (`1`, `null`, `"1"`), else text
    #[arg(long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    params: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: &Args, client: &Client) -> Result<()> {
    match &args.command {
        Command::List { json } => list(client, *json).await,
        Command::Create { name, json } => {
            let database = client
                .post("api/v1/databases", &json!({ "name": name }))
                .await?;
            if *json {
                return print_json(&database);
            }
            eprintln!("created database `{name}`");
            print(&format!("{}\n", field(&database, "id")))
        }
        Command::Delete { database } => {
            client
                .delete(&format!("api/v1/databases/{}", encode(database)))
                .await?;
            eprintln!("deleted database `{database}`");
            Ok(())
        }
        Command::Exec(args) => exec(client, args).await,
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let databases = client.list("api/v1/databases", usize::MAX).await?;
    if json {
        return print_json(&Value::Array(databases));
    }
    let rows: Vec<_> = databases
        .iter()
        .map(|d| vec![field(d, "name"), field(d, "id"), time(d, "created_at")])
        .collect();
    print(&table(&["NAME", "ID", "CREATED"], &rows))
}

/// The API takes one statement at a time: several are sent one after another, up to the first error.
async fn exec(client: &Client, args: &ExecArgs) -> Result<()> {
    let text = match (&args.sql, &args.file) {
        (Some(sql), _) => sql.clone(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .map_err(|e| user(format!("cannot read `{}`: {e}", file.display())))?,
        (None, None) => return Err(user("no SQL")),
    };
    let statements = sql::split(&text);
    if statements.is_empty() {
        return Err(user("no SQL: there is nothing but space and comments"));
    }
    if statements.len() > 1 && !args.params.is_empty() {
        return Err(user("--param goes with one statement alone"));
    }
    let parse = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let params: Vec<Value> = args.params.iter().map(parse).collect();
    let path = format!("api/v1/databases/{}/exec", encode(&args.database));
    let mut answers = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let body = json!({ "sql": statement, "params": params });
        let answer = client.post(&path, &body).await.map_err(|mut failure| {
            if statements.len() > 1 {
                let (number, all) = (index + 1, statements.len());
                failure.message = format!("statement {number} of {all}: {}", failure.message);
                failure.hint = Some(format!("the {index} before it have run and stay"));
            }
            failure
        })?;
        if !args.json {
            print_rows(&answer)?;
        }
        answers.push(answer);
    }
    match (args.json, answers.len()) {
        (false, _) => Ok(()),
        (true, 1) => print_json(&answers[0]),
        (true, _) => print_json(&Value::Array(answers)),
    }
}

fn print_rows(answer: &Value) -> Result<()> {
    let cells = |value: &Value| {
        value
            .as_array()
            .into_iter()
            .flatten()
            .map(cell)
            .collect::<Vec<_>>()
    };
    let columns = cells(&answer["columns"]);
    let rows: Vec<Vec<String>> = answer["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(cells)
        .collect();
    if !columns.is_empty() {
        let head: Vec<&str> = columns.iter().map(String::as_str).collect();
        print(&table(&head, &rows))?;
    }
    let changes = answer["meta"]["changes"].as_u64().unwrap_or(0);
    eprintln!("{} rows, {changes} changes", rows.len());
    Ok(())
}
