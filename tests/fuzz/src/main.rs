//! `ouro-fuzz`: fuzzes all targets or those that are named, each in a process of its own, or runs their corpus once.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::{Parser, Subcommand};
use ouro_fuzz::corpus;
use ouro_fuzz::session::{self, Current, Failed, Plan, Stats};
use ouro_fuzz::targets::{self, Entry};

/// Hold what reads hostile bytes against its properties
#[derive(Parser)]
#[command(name = "ouro-fuzz")]
struct Cli {
    /// Where the inputs lie [default: tests/fuzz/corpus]
    #[arg(long, value_name = "FOLDER", global = true)]
    corpus: Option<PathBuf>,
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Mutate the corpus
    Run {
        /// Of all targets together
        #[arg(long, default_value_t = 300)]
        seconds: u64,
        /// What the mutations follow from [default: a random one, which is printed]
        #[arg(long)]
        seed: Option<u64>,
        /// All where none is named
        targets: Vec<String>,
    },
    /// Run the corpus of a target, or these files
    Replay { target: String, files: Vec<PathBuf> },
    /// What `run` starts for a target
    #[command(hide = true)]
    One {
        target: String,
        #[arg(long)]
        millis: u64,
        #[arg(long)]
        seed: u64,
        /// Where the input is kept that runs
        #[arg(long)]
        current: PathBuf,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let corpus = cli.corpus.unwrap_or_else(corpus::folder);
    let done = match cli.command {
        Action::Run {
            seconds,
            seed,
            targets,
        } => run(
            &corpus,
            seconds,
            seed.unwrap_or_else(rand::random),
            &targets,
        ),
        Action::Replay { target, files } => replay(&corpus, &target, &files),
        Action::One {
            target,
            millis,
            seed,
            current,
        } => one(
            &corpus,
            &target,
            Duration::from_millis(millis),
            seed,
            &current,
        ),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all of it holds; else a fault of the run itself.
type Outcome = Result<bool, String>;

fn run(corpus: &Path, seconds: u64, seed: u64, names: &[String]) -> Outcome {
    let entries: Vec<&Entry> = match names {
        [] => targets::ALL.iter().collect(),
        names => names
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()?,
    };
    let each = Duration::from_secs(seconds) / u32::try_from(entries.len()).unwrap_or(1);
    println!(
        "seed {seed}, {} targets, {:.0} s each",
        entries.len(),
        each.as_secs_f64()
    );
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut all_hold = true;
    for entry in entries {
        let current = folder.path().join(entry.name);
        all_hold &= in_a_process(corpus, entry, each, seed, &current)?;
    }
    Ok(all_hold)
}

fn in_a_process(
    corpus: &Path,
    entry: &Entry,
    time: Duration,
    seed: u64,
    current: &Path,
) -> Outcome {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new(program)
        .arg("--corpus")
        .arg(corpus)
        .args(["one", entry.name])
        .args(["--millis", &time.as_millis().to_string()])
        .args(["--seed", &seed.to_string()])
        .arg("--current")
        .arg(current)
        .status()
        .map_err(|error| error.to_string())?;
    if status.code().is_none() {
        let input = Current::left_by(current).map_err(|error| error.to_string())?;
        report(
            corpus,
            entry,
            &Failed {
                input: input.unwrap_or_default(),
                reason: format!("the process died: {status}"),
            },
        )?;
    }
    Ok(status.success())
}

fn one(corpus: &Path, target: &str, time: Duration, seed: u64, current: &Path) -> Outcome {
    let entry = find(target)?;
    let plan = Plan {
        corpus,
        seed,
        time,
        current: Current::create(current).map_err(|error| error.to_string())?,
    };
    match session::fuzz(entry, &plan) {
        Ok(stats) => {
            print(entry, &stats);
            Ok(true)
        }
        Err(failed) => {
            report(corpus, entry, &failed)?;
            Ok(false)
        }
    }
}

fn replay(corpus: &Path, target: &str, files: &[PathBuf]) -> Outcome {
    match session::replay(find(target)?, corpus, files) {
        Ok(count) => {
            println!("{target}: {count} inputs hold");
            Ok(true)
        }
        Err(failed) => {
            eprintln!("{target}: {}", failed.reason);
            Ok(false)
        }
    }
}

fn find(name: &str) -> Result<&'static Entry, String> {
    let mut all = targets::ALL.iter().chain([&targets::FAULTY]);
    all.find(|entry| entry.name == name).ok_or_else(|| {
        let names: Vec<_> = targets::ALL.iter().map(|entry| entry.name).collect();
        format!("no target `{name}`\nhint: there are {}", names.join(", "))
    })
}

fn print(entry: &Entry, stats: &Stats) {
    println!(
        "{:16} {:9} inputs, {:7.0} a second, {:5} outcomes",
        entry.name,
        stats.inputs,
        stats.inputs as f64 / stats.time.as_secs_f64(),
        stats.outcomes
    );
}

/// Keeps the input and says how to run it again.
fn report(corpus: &Path, entry: &Entry, failed: &Failed) -> Result<(), String> {
    let path = corpus::keep(corpus, entry.name, &failed.input)
        .map_err(|error| format!("the input cannot be kept: {error}"))?;
    eprintln!("{}: {}", entry.name, failed.reason);
    eprintln!(
        "  the input of {} bytes is kept; to run it again:",
        failed.input.len()
    );
    eprintln!("  ouro-fuzz replay {} {}", entry.name, path.display());
    Ok(())
}
