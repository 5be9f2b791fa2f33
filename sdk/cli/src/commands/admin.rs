//! `ouro admin`: works on the stores in a data directory, without the management API.

use std::path::PathBuf;

use ouro_server::{Config, Layers};

use crate::failure::{Result, user};
use crate::output::print;
use crate::settings::TOKEN_FILE;

#[derive(clap::Args)]
pub struct Args {
    /// Data directory of the server [default: as `ouro serve` takes it]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Configuration file of the server (TOML)
    #[arg(long, global = true, env = "OURO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the version that was live before live again, as for a broken `management`
    Rollback {
        /// Name of the worker
        worker: String,
    },
    /// The token of the management API
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
}

#[derive(clap::Subcommand)]
enum TokenCommand {
    /// Print where the token lies
    Path,
}

pub fn run(args: Args) -> Result<()> {
    let config = configuration(&args)?;
    match &args.command {
        Command::Rollback { worker } => crate::wait(rollback(&config, worker)),
        Command::Token {
            command: TokenCommand::Path,
        } => token_path(&config),
    }
}

fn configuration(args: &Args) -> Result<Config> {
    let mut layers = Layers::from_environment();
    layers.file = args.config.clone();
    if let Some(folder) = &args.data_dir {
        layers
            .flags
            .push(("data_dir".to_owned(), folder.display().to_string()));
    }
    layers.load().map_err(|e| user(e.to_string()))
}

async fn rollback(config: &Config, worker: &str) -> Result<()> {
    let version = ouro_server::admin::roll_back(config, worker)
        .await
        .map_err(|e| user(format!("{e:#}")))?;
    eprintln!(
        "`{worker}` serves version {version} again; a running server notices within a second"
    );
    Ok(())
}

fn token_path(config: &Config) -> Result<()> {
    let file = config.data_dir.join(TOKEN_FILE);
    if !file.exists() {
        return Err(user(format!("no `{}`", file.display()))
            .hint("the first `ouro serve` makes it; --data-dir names the folder"));
    }
    let file = file.canonicalize().unwrap_or(file);
    print(&format!("{}\n", file.display()))
}
