//! `ouro build`: an entry becomes a component file.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ouro_build::{BuildError, BuildOptions, Compatibility, WarmUp};
use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;

use crate::failure::{Failure, Result, ours, user};
use crate::output::{Progress, bytes, millis, print};
use crate::project::Project;

#[derive(clap::Args)]
pub struct Args {
    /// The module to build [default: `main` of ouro.toml or a wrangler file]
    entry: Option<PathBuf>,

    /// The file to write [default: dist/<name>.wasm]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Make one component with the engine inside, which any host of wasi:http 0.2 runs
    #[arg(long, conflicts_with = "management")]
    standalone: bool,

    /// Minify the bundle
    #[arg(long)]
    minify: bool,

    /// Build for the management world
    #[arg(long, hide = true)]
    management: bool,

    /// Configuration file [default: ouro.toml, wrangler.jsonc, wrangler.json or wrangler.toml here]
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A component and the time it took.
pub struct Built {
    pub component: Bytes,
    pub digest: Digest,
    pub took: Duration,
}

/// What kind of component to write.
#[derive(Clone, Copy)]
pub enum Target {
    Worker,
    Management,
    Standalone,
}

pub fn run(args: &Args) -> Result<()> {
    let project = Project::load(args.config.as_deref())?;
    let entry = project.entry(args.entry.as_deref())?;
    project.print_notes();
    let target = match (args.standalone, args.management) {
        (true, _) => Target::Standalone,
        (false, true) => Target::Management,
        (false, false) => Target::Worker,
    };
    let minify = args.minify || project.minify;
    let compatibility = project.compatibility();
    let built = build(
        &entry,
        target,
        minify,
        compatibility,
        project.warm_up.clone(),
    )?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => default_out(&project, &entry, args.entry.is_some()),
    };
    write(&out, &built.component)?;
    eprintln!(
        "{} in {}",
        bytes(built.component.len() as u64),
        millis(built.took)
    );
    print(&format!("{}\n", out.display()))
}

/// Bundles and evaluates the entry; warnings go to stderr.
pub fn build(
    entry: &Path,
    target: Target,
    minify: bool,
    compatibility: Compatibility,
    warm_up: Vec<WarmUp>,
) -> Result<Built> {
    let progress = Progress::new();
    progress.show(&format!("building {}", entry.display()));
    let begun = Instant::now();
    let result = ouro_build::build(&BuildOptions {
        entry: entry.to_owned(),
        kind: match target {
            Target::Worker | Target::Standalone => EngineKind::Worker,
            Target::Management => EngineKind::Management,
        },
        standalone: matches!(target, Target::Standalone),
        minify,
        compatibility,
        warm_up,
    });
    progress.clear();
    let output = result.map_err(|e| refused(entry, &e))?;
    for warning in &output.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(Built {
        component: output.component.into(),
        digest: output.digest,
        took: begun.elapsed(),
    })
}

fn refused(entry: &Path, error: &BuildError) -> Failure {
    match error {
        BuildError::Internal(_) => ours(error.to_string()),
        _ => user(format!("cannot build `{}`\n{error}", entry.display())),
    }
}

/// `dist/` beside the configuration file; the file is named for the worker, else for the entry.
fn default_out(project: &Project, entry: &Path, named: bool) -> PathBuf {
    let stem = entry.file_stem().unwrap_or_default().to_string_lossy();
    let name = match &project.name {
        Some(name) if !named => name.clone(),
        _ => stem.into_owned(),
    };
    project.path(Path::new("dist")).join(format!("{name}.wasm"))
}

/// A file that is there is whole: the bytes are written beside it and moved.
fn write(out: &Path, component: &[u8]) -> Result<()> {
    let failed = |e: std::io::Error| user(format!("cannot write `{}`: {e}", out.display()));
    let folder = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let part = out.with_extension("wasm.part");
    std::fs::write(&part, component).map_err(failed)?;
    std::fs::rename(&part, out).map_err(failed)
}
