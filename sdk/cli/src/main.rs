//! The `ouro` binary: serve, build, deploy, and look after workers. One file per subcommand in `commands/`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod client;
mod commands;
mod failure;
mod output;
mod project;
mod settings;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};

use crate::client::Client;
use crate::failure::Result;
use crate::settings::ServerArgs;

/// A request makes and drops hundreds of small blocks, with which the C library's allocator takes twice as long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Run TypeScript workers on machines of your own
#[derive(Parser)]
#[command(
    name = "ouro",
    version,
    propagate_version = false,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a server
    Serve(commands::serve::Args),
    /// Build a worker into a component file
    Build(commands::build::Args),
    /// Build a worker, upload it and make it live
    Deploy(Remote<commands::deploy::Args>),
    /// List, show and delete workers
    Workers(Remote<commands::workers::Args>),
    /// List the versions of a worker
    Versions(Remote<commands::versions::Args>),
    /// Make an earlier version live again
    Rollback(Remote<commands::rollback::Args>),
    /// Create, list, query and delete databases
    Databases(Remote<commands::databases::Args>),
    /// Run workers by themselves: list, create, delete and try crons
    Crons(Remote<commands::crons::Args>),
    /// List, create and revoke keys
    Keys(Remote<commands::keys::Args>),
    /// Show what a worker's invocations did, with their console lines
    Executions(Remote<commands::executions::Args>),
    /// Work on a data directory itself, also while the management API is down
    Admin(commands::admin::Args),
}

/// A command that calls the management API.
#[derive(clap::Args)]
struct Remote<A: clap::Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    server: ServerArgs,
}

impl<A: clap::Args> Remote<A> {
    fn client(&self) -> Result<Client> {
        Client::new(self.server.server()?)
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Clap's own status for a wrong argument is 2, which here means a fault of ours.
        Err(error) => {
            let _ = error.print();
            if let Some(hint) = hint(&error) {
                eprintln!("\nhint: {hint}");
            }
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// For commands that other tools have under another name.
fn hint(error: &clap::Error) -> Option<&'static str> {
    match error.get(ContextKind::InvalidSubcommand)? {
        ContextValue::String(name) if matches!(name.as_str(), "logs" | "log" | "tail") => {
            Some("`ouro executions <worker> --logs` shows console lines and errors")
        }
        _ => None,
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(args) => commands::serve::run(args),
        Command::Build(args) => commands::build::run(&args),
        Command::Admin(args) => commands::admin::run(args),
        Command::Deploy(remote) => commands::deploy::run(&remote.args, || remote.client()),
        Command::Workers(remote) => wait(commands::workers::run(&remote.args, &remote.client()?)),
        Command::Versions(remote) => wait(commands::versions::run(&remote.args, &remote.client()?)),
        Command::Rollback(remote) => wait(commands::rollback::run(&remote.args, &remote.client()?)),
        Command::Databases(remote) => {
            wait(commands::databases::run(&remote.args, &remote.client()?))
        }
        Command::Crons(remote) => wait(commands::crons::run(&remote.args, &remote.client()?)),
        Command::Keys(remote) => wait(commands::keys::run(&remote.args, &remote.client()?)),
        Command::Executions(remote) => {
            wait(commands::executions::run(&remote.args, &remote.client()?))
        }
    }
}

/// Client commands wait for one exchange after another: one thread is enough.
fn wait(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| failure::ours(format!("cannot start: {e}")))?
        .block_on(work)
}
