//! Builds workers: bundles TypeScript or JavaScript, evaluates it once inside the engine, and writes the snapshot as a component.
//! It also reads components, of any origin, for the host.
//!
//! What it leaves out: running workers (the host does), and assets, vars and bindings, which belong to a version and not to its code.

mod artifact;
mod builder;
mod bundle;
mod compatibility;
mod engine;
mod error;
mod failure;
mod guest;
mod modules;
mod rehearsal;
mod snapshot;
mod source_map;
mod standalone;
mod surgery;
mod warm_up;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;

pub use artifact::{ArtifactError, Contents, Worker, pack, read as unpack};
pub use builder::Builder;
pub use bundle::{Bundle, BundleOptions, bundle, project_root};
use bundle::{Wants, bundle_deferred};
pub use compatibility::Compatibility;
pub use error::{BuildError, Diagnostic, Place};
pub use source_map::{BUNDLE_NAME, InvalidSourceMap, Position, SourceMap};
pub use warm_up::{WarmUp, check as check_warm_up};

pub struct BuildOptions {
    /// A .ts, .tsx, .js, .jsx or .mjs file. Its project's `node_modules` and `tsconfig.json` count.
    pub entry: PathBuf,
    pub kind: EngineKind,
    /// Write one ordinary component that carries its engine and exports `wasi:http/incoming-handler`, instead of a worker of Ouro.
    pub standalone: bool,
    pub minify: bool,
    pub compatibility: Compatibility,
    /// Sent to the worker before the snapshot is taken.
    pub warm_up: Vec<WarmUp>,
}

pub struct Built {
    pub component: Vec<u8>,
    pub digest: Digest,
    /// Size of the bundled JavaScript.
    pub bundle_bytes: usize,
    /// The files that went into the bundle; for watching.
    pub modules: Vec<PathBuf>,
    pub timings: Timings,
    pub warnings: Vec<Diagnostic>,
}

#[derive(Clone, Copy, Debug)]
pub struct Timings {
    pub bundle: Duration,
    /// Compiling and evaluating the bundle; the first in a process includes compiling the engine.
    pub evaluate: Duration,
    pub write: Duration,
}

/// Builds a worker. Blocks and takes CPU time; works inside a tokio runtime as well as outside.
///
/// # Errors
/// Mistakes in the worker's code, each with its place.
pub fn build(options: &BuildOptions) -> Result<Built, BuildError> {
    let mut clock = Lap(Instant::now());
    let bundle_options = BundleOptions {
        entry: options.entry.clone(),
        minify: options.minify,
        compatibility: options.compatibility.clone(),
    };
    let first = bundle(&bundle_options)?;
    let mut bundled = clock.lap();
    let variant = if options.standalone {
        engine::Variant::Standalone
    } else {
        options.kind.into()
    };
    let evaluate = |bundle: &Bundle| {
        let source_map = bundle.source_map.as_bytes();
        snapshot::evaluate(variant, &bundle.code, source_map, &options.warm_up)
    };
    let mut evaluation = evaluate(&first)?;
    let mut evaluating = clock.lap();
    let mut wants = Wants::default();
    let mut deferred = None;
    while wants.grow(evaluation.wants_env, evaluation.formatting()) {
        let bundle = bundle_deferred(&bundle_options, &first, &wants)?;
        bundled += clock.lap();
        evaluation = evaluate(&bundle)?;
        evaluating += clock.lap();
        deferred = Some(bundle);
    }
    let bundle = deferred.unwrap_or(first);
    let evaluated = evaluation.outcome?;
    let component = if options.standalone {
        standalone::standalone(&evaluated.image)?
    } else {
        pack(
            options.kind,
            &evaluated.image.to_module(),
            &bundle.code,
            bundle.source_map.as_bytes(),
            &options.warm_up,
        )?
    };
    let timings = Timings {
        bundle: bundled,
        evaluate: evaluating,
        write: clock.lap(),
    };
    let flags = options.compatibility.warnings().into_iter();
    let flags = flags.map(|message| Diagnostic {
        message,
        ..Diagnostic::default()
    });
    let warnings = flags
        .chain(bundle.warnings)
        .chain(evaluated.warnings)
        .collect();
    let digest = Digest::of(&component);
    Ok(Built {
        component,
        digest,
        bundle_bytes: bundle.code.len(),
        modules: bundle.modules,
        timings,
        warnings,
    })
}

struct Lap(Instant);

impl Lap {
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}
