//! `ouro serve`: a server in this process. Its flags are the keys of its configuration.

use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, Command};
use ouro_server::Layers;
use ouro_server::config::{KEYS, Key, Kind};

use crate::failure::{Result, user};

include!(concat!(env!("OUT_DIR"), "/management.rs"));

const AFTER_HELP: &str = "\
Every flag can be given as a variable too (`--data-dir` is OURO_DATA_DIR), or as a key of the configuration file.
A flag wins over a variable, a variable over the file.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Configuration file (TOML)
    #[arg(long, env = "OURO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    keys: KeyFlags,
}

pub fn run(args: Args) -> Result<()> {
    let mut layers = Layers::from_environment();
    layers.file = args.config;
    layers.flags = args.keys.0;
    let config = layers.load().map_err(|e| user(e.to_string()))?;
    if MANAGEMENT.is_none() {
        eprintln!("warning: this `ouro` carries no management API, so nothing can be deployed");
        eprintln!("hint: `make build` makes one that does");
    }
    // What stops a server at its start is the operator's to mend: a port, a folder, a store.
    ouro_server::serve(config, MANAGEMENT).map_err(|e| user(format!("{e:#}")))
}

/// One flag for every key, with the values that were given.
struct KeyFlags(Vec<(String, String)>);

impl clap::Args for KeyFlags {
    fn augment_args(command: Command) -> Command {
        command.args(KEYS.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for KeyFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |key: &Key| {
            let value: &String = matches.get_one(key.path)?;
            Some((key.path.to_owned(), value.clone()))
        };
        Ok(Self(KEYS.iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flag(key: &Key) -> clap::Arg {
    let name = key.flag().trim_start_matches('-').to_owned();
    let default = match key.default {
        "" => String::new(),
        default => format!(" [default: {default}]"),
    };
    let arg = clap::Arg::new(key.path)
        .long(name)
        .action(ArgAction::Set)
        .help(format!("{}{default}", key.doc))
        .help_heading(heading(key))
        .value_name(value_name(key));
    match key.kind {
        Kind::Flag => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        _ => arg,
    }
}

/// The keys of a table stand together in the help.
fn heading(key: &Key) -> Option<&'static str> {
    match key.path.split_once('.')?.0 {
        "artifacts" => Some("Artifacts"),
        "cache" => Some("Cache"),
        "executions" => Some("Executions"),
        "limits" => Some("Limits"),
        "log" => Some("Log"),
        _ => None,
    }
}

fn value_name(key: &Key) -> String {
    match key.kind {
        Kind::Number(..) => "N".to_owned(),
        Kind::Flag => "BOOL".to_owned(),
        Kind::OneOf(values) => values.join("|"),
        Kind::Text | Kind::Secret => match key.path {
            "data_dir" => "DIR".to_owned(),
            "listen" => "ADDRESS:PORT".to_owned(),
            "public_url" => "URL".to_owned(),
            _ => "TEXT".to_owned(),
        },
    }
}
