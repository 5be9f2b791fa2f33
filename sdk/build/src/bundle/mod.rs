//! Bundles an entry and everything it imports into one ES module. The only place that names rolldown, whose Rust API is unstable.
//!
//! Nothing in the output depends on the machine: paths are relative to the project's root.

mod deferred;
mod provided;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rolldown::{
    Bundler, BundlerOptions, CodeSplittingMode, CommentsOptions, InputItem, ModuleType,
    OutputFormat, Platform, RawMinifyOptions, ResolveOptions, SourceMapType,
};
use rolldown_common::{Output, OutputChunk};
use rolldown_error::{BatchedBuildDiagnostic, BuildDiagnostic, DiagnosticOptions, EventKind};

use crate::compatibility::{Compatibility, NodeModules};
use crate::error::{BuildError, Diagnostic, Place};
use crate::modules::Modules;
use crate::source_map::{self, Position};

pub use self::deferred::Wants;
use self::deferred::{Graph, Plan};
use self::provided::Provided;

pub struct BundleOptions {
    /// A .ts, .tsx, .js, .jsx or .mjs file.
    pub entry: PathBuf,
    pub minify: bool,
    pub compatibility: Compatibility,
}

pub struct Bundle {
    /// One ES module; it imports nothing but what the engine serves to the modules that Ouro provides.
    pub code: String,
    /// Source map of `code` as JSON, with the contents of the sources.
    pub source_map: String,
    /// The files that went into it, absolute; for watching.
    pub modules: Vec<PathBuf>,
    pub warnings: Vec<Diagnostic>,
    graph: Graph,
}

/// A folder with one of these is the root of a project.
const ROOT_MARKS: [&str; 5] = [
    "ouro.toml",
    "wrangler.toml",
    "wrangler.jsonc",
    "wrangler.json",
    "package.json",
];

/// What the resolver prefers in a package's `exports`, beside `import` (or `require`) and `default`.
const CONDITIONS: [&str; 3] = ["workerd", "worker", "browser"];
const MAIN_FIELDS: [&str; 3] = ["browser", "module", "main"];
/// Files that are imported as text, as wrangler's default rules do.
const TEXT_EXTENSIONS: [&str; 3] = ["txt", "html", "sql"];

/// How often the bundler goes on without the files that it did not find.
const ATTEMPTS_MAX: usize = 10;

/// Imports that cannot be found: the importing module's id, and the specifier.
type Missing = BTreeSet<(String, String)>;

/// Bundles; blocks until it is done, inside a tokio runtime as well as outside.
///
/// # Errors
/// Mistakes in the code, each with its place; imports that cannot be found are such mistakes.
pub fn bundle(options: &BundleOptions) -> Result<Bundle, BuildError> {
    run(options, |_, _| None)
}

/// Bundles again, so that each invocation evaluates what wants something of it; see `deferred.rs`.
///
/// # Errors
/// As `bundle`.
pub fn bundle_deferred(
    options: &BundleOptions,
    first: &Bundle,
    wants: &Wants,
) -> Result<Bundle, BuildError> {
    run(options, |entry, root| {
        let plan = first.graph.plan(&entry.to_string_lossy(), wants, root);
        Some((deferred_warning(&plan, wants, root), plan))
    })
}

fn run(
    options: &BundleOptions,
    plan: impl FnOnce(&Path, &Path) -> Option<(Diagnostic, Plan)>,
) -> Result<Bundle, BuildError> {
    let entry = options
        .entry
        .canonicalize()
        .ok()
        .filter(|entry| entry.is_file());
    let entry = entry.ok_or_else(|| BuildError::NoEntry(options.entry.clone()))?;
    let root = project_root(&entry);
    let (warning, plan) = plan(&entry, &root).unzip();
    let job = Job {
        root,
        entry,
        minify: options.minify,
        compatibility: &options.compatibility,
        plan,
    };
    // rolldown spawns tasks and blocks in them: it gets a runtime of its own, on a thread that belongs to none.
    let mut bundle = thread::scope(|scope| scope.spawn(|| job.run()).join())
        .unwrap_or_else(|_| Err(BuildError::Internal("the bundler panicked".into())))?;
    bundle.warnings.extend(warning);
    Ok(bundle)
}

/// Which modules are not part of the snapshot.
fn deferred_warning(plan: &Plan, wants: &Wants, root: &Path) -> Diagnostic {
    const NAMED_MAX: usize = 5;
    let name = |id: &String| {
        let path = Path::new(id);
        format!("`{}`", path.strip_prefix(root).unwrap_or(path).display())
    };
    let mut names: Vec<String> = plan.deferred.iter().take(NAMED_MAX).map(name).collect();
    if plan.deferred.len() > NAMED_MAX {
        names.push(format!("{} more", plan.deferred.len() - NAMED_MAX));
    }
    let why = match (wants.env, wants.formatting.is_empty()) {
        (true, true) => "`env` of `cloudflare:workers` is read",
        (true, false) => "`env` of `cloudflare:workers` is read and `Intl` formats",
        (false, _) => "`Intl` formats",
    };
    Diagnostic {
        message: format!(
            "{why} at the top level, so every invocation evaluates these modules anew: {}",
            names.join(", ")
        ),
        ..Diagnostic::default()
    }
}

struct Job<'a> {
    root: PathBuf,
    /// Absolute.
    entry: PathBuf,
    minify: bool,
    compatibility: &'a Compatibility,
    plan: Option<Plan>,
}

impl Job<'_> {
    /// Which globals of Node.js a worker uses shows in its bundle: one that uses some is made again with them.
    fn run(&self) -> Result<Bundle, BuildError> {
        let graph = Graph::default();
        let provided = || -> Result<Provided, BuildError> {
            Ok(Provided::new(
                Modules::get()?,
                self.compatibility,
                &self.entry.to_string_lossy(),
                graph.clone(),
                self.plan.clone(),
            ))
        };
        let bundle = self.complete(provided, &graph)?;
        match provided()?.with_globals_of(&bundle.code) {
            Some(provided) => self.generate(provided, &graph, &mut Missing::new()),
            None => Ok(bundle),
        }
    }

    /// A file that is not there stops the bundler before it has seen everything: it goes on without, so that all mistakes are told at once.
    fn complete(
        &self,
        provided: impl Fn() -> Result<Provided, BuildError>,
        graph: &Graph,
    ) -> Result<Bundle, BuildError> {
        let mut missing = Missing::new();
        let mut mistakes = Vec::new();
        for _ in 0..ATTEMPTS_MAX {
            let known = missing.len();
            let provided = provided()?.without(&missing);
            match self.generate(provided, graph, &mut missing) {
                Ok(bundle) if mistakes.is_empty() => return Ok(bundle),
                Ok(_) => break,
                Err(BuildError::Code(more)) => mistakes.extend(more),
                Err(error) => return Err(error),
            }
            if missing.len() == known {
                break;
            }
        }
        mistakes.sort_by(|a, b| order(a).cmp(&order(b)));
        mistakes.dedup();
        Err(BuildError::Code(mistakes))
    }

    /// Adds to `missing` the imports that stopped the bundler.
    fn generate(
        &self,
        provided: Provided,
        graph: &Graph,
        missing: &mut Missing,
    ) -> Result<Bundle, BuildError> {
        let begin = match self.plan {
            Some(_) => deferred::MODULE.into(),
            None => self.entry.to_string_lossy(),
        };
        let options = bundler_options(&begin, &self.root, self.minify);
        let entry = std::fs::read(&self.entry).map_err(BuildError::internal)?;
        // The bundler says what is wrong with a text that is not UTF-8.
        let inserted = provided.inserted(&String::from_utf8_lossy(&entry));
        let shown = Shown {
            job: self,
            inserted: inserted.len() as u32,
        };
        generate(options, provided, &shown, graph, missing)
    }
}

/// Files by name, and places in the order of the text.
fn order(diagnostic: &Diagnostic) -> (Option<(&str, u32, u32)>, &str) {
    let position = diagnostic.place.as_ref().map(|place| &place.position);
    let place = position.map(|it| (it.file.as_str(), it.line, it.column));
    (place, &diagnostic.message)
}

/// The nearest folder above the entry that is marked as a project's root, else the entry's own.
pub fn project_root(entry: &Path) -> PathBuf {
    let folder = entry.parent().unwrap_or(Path::new("/"));
    let marked = folder
        .ancestors()
        .find(|folder| ROOT_MARKS.iter().any(|mark| folder.join(mark).is_file()));
    marked.unwrap_or(folder).to_path_buf()
}

fn bundler_options(begin: &str, root: &Path, minify: bool) -> BundlerOptions {
    let names = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
    BundlerOptions {
        input: Some(vec![InputItem {
            name: Some("worker".into()),
            import: begin.to_owned(),
        }]),
        cwd: Some(root.to_path_buf()),
        // Paths in the source map are relative to the file that would be written.
        dir: Some(root.to_string_lossy().into_owned()),
        platform: Some(Platform::Browser),
        format: Some(OutputFormat::Esm),
        sourcemap: Some(SourceMapType::Hidden),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        module_types: Some(
            TEXT_EXTENSIONS
                .iter()
                .map(|extension| (format!(".{extension}"), ModuleType::Text))
                .collect(),
        ),
        resolve: Some(ResolveOptions {
            condition_names: names(&CONDITIONS),
            main_fields: names(&MAIN_FIELDS),
            ..ResolveOptions::default()
        }),
        define: Some(
            [(
                "process.env.NODE_ENV".to_string(),
                "\"production\"".to_string(),
            )]
            .into_iter()
            .collect(),
        ),
        keep_names: Some(true),
        minify: Some(if minify {
            RawMinifyOptions::Bool(true)
        } else {
            RawMinifyOptions::DeadCodeEliminationOnly
        }),
        comments: Some(CommentsOptions {
            legal: !minify,
            annotation: false,
            jsdoc: false,
        }),
        ..BundlerOptions::default()
    }
}

fn generate(
    options: BundlerOptions,
    provided: Provided,
    shown: &Shown<'_>,
    graph: &Graph,
    missing: &mut Missing,
) -> Result<Bundle, BuildError> {
    let diagnostic = |event: &BuildDiagnostic| shown.diagnostic(event);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(BuildError::internal)?;
    let output = runtime.block_on(async {
        let mut bundler = Bundler::with_plugins(options, vec![Arc::new(provided)])?;
        let output = bundler.generate().await?;
        bundler.close().await?;
        Ok(output)
    });
    let output = output.map_err(|errors: BatchedBuildDiagnostic| {
        missing.extend(errors.iter().filter_map(missing_import));
        BuildError::Code(errors.iter().map(diagnostic).collect())
    })?;
    let (unresolved, warnings): (Vec<_>, Vec<_>) = output
        .warnings
        .iter()
        .partition(|warning| matches!(warning.kind(), EventKind::UnresolvedImport));
    if !unresolved.is_empty() {
        return Err(BuildError::Code(
            unresolved.into_iter().map(diagnostic).collect(),
        ));
    }
    let chunks: Vec<_> = output
        .assets
        .iter()
        .filter_map(|asset| {
            if let Output::Chunk(chunk) = asset {
                Some(chunk)
            } else {
                None
            }
        })
        .collect();
    let [chunk] = chunks[..] else {
        return Err(BuildError::Internal(format!(
            "the bundler made {} chunks instead of one",
            chunks.len()
        )));
    };
    Ok(Bundle {
        code: chunk.code.clone(),
        source_map: chunk
            .map
            .as_ref()
            .map(|map| shown.own_columns(map.to_json_string()))
            .unwrap_or_default(),
        modules: modules(chunk),
        warnings: warnings.into_iter().map(diagnostic).collect(),
        graph: graph.clone(),
    })
}

/// Modules that are files; the others are the bundler's own.
fn modules(chunk: &OutputChunk) -> Vec<PathBuf> {
    chunk
        .module_ids
        .iter()
        .map(|id| PathBuf::from(id.as_str()))
        .filter(|path| path.is_absolute())
        .collect()
}

/// The import that stopped the bundler.
fn missing_import(event: &BuildDiagnostic) -> Option<(String, String)> {
    let is_import = matches!(
        event.kind(),
        EventKind::UnresolvedImport | EventKind::ResolveError
    );
    is_import.then(|| Some((event.id()?, event.exporter()?)))?
}

/// How places are shown.
struct Shown<'a> {
    job: &'a Job<'a>,
    /// So many columns of the entry's first line are not its own.
    inserted: u32,
}

impl Shown<'_> {
    fn diagnostic(&self, event: &BuildDiagnostic) -> Diagnostic {
        let options = DiagnosticOptions {
            cwd: self.job.root.clone(),
        };
        let mut diagnostic = Diagnostic {
            message: event.to_message_with(&options),
            place: self.place(event, &options),
            ..Diagnostic::default()
        };
        if let (EventKind::UnresolvedImport, Some(specifier)) = (event.kind(), event.exporter()) {
            diagnostic.message = format!("cannot find `{specifier}`");
            diagnostic.hints.push(missing_import_hint(
                &specifier,
                self.job.compatibility.node_modules(),
            ));
        }
        diagnostic
    }

    fn place(&self, event: &BuildDiagnostic, options: &DiagnosticOptions) -> Option<Place> {
        let (file, line, column, _) = event.to_diagnostic_with(options).get_primary_location()?;
        let path = self.job.root.join(&file);
        let inserted = if line == 1 && path == self.job.entry {
            self.inserted
        } else {
            0
        };
        Some(Place {
            source_line: source_line(&path, line),
            position: Position {
                file,
                line: line as u32,
                column: (column as u32).saturating_sub(inserted) + 1,
            },
        })
    }

    fn own_columns(&self, map: String) -> String {
        match self.job.entry.strip_prefix(&self.job.root) {
            Ok(entry) if self.inserted > 0 => {
                let moved = source_map::move_first_line(&map, entry, self.inserted);
                moved.unwrap_or(map)
            }
            _ => map,
        }
    }
}

fn source_line(file: &Path, line: usize) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().nth(line.checked_sub(1)?).map(str::to_string)
}

fn missing_import_hint(specifier: &str, node: NodeModules) -> String {
    if specifier.starts_with(['.', '/']) {
        return "there is no such file".into();
    }
    if let Some(hint) = node_hint(specifier, node) {
        return hint;
    }
    if let Some((scheme @ ("ouro" | "cloudflare" | "bun" | "deno"), _)) = specifier.split_once(':')
    {
        return format!("Ouro has no such `{scheme}:` module");
    }
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let package = specifier
        .split('/')
        .take(parts)
        .collect::<Vec<_>>()
        .join("/");
    format!("npm install {package}")
}

/// For modules of Node.js, with or without its prefix.
fn node_hint(specifier: &str, node: NodeModules) -> Option<String> {
    let name = specifier.strip_prefix("node:");
    let prefixed = format!("node:{}", name.unwrap_or(specifier));
    let known = Modules::get().is_ok_and(|modules| modules.find(&prefixed).is_some());
    if !known {
        return name.map(|_| "Ouro has no such module of Node.js".into());
    }
    Some(match node {
        NodeModules::None | NodeModules::AsyncHooks => format!(
            "`{prefixed}` needs `compatibility_flags = [\"nodejs_compat\"]` in ouro.toml or wrangler.toml"
        ),
        _ => format!(
            "import `{prefixed}`, or set a `compatibility_date` of 2024-09-23 or later, from which on the prefix can be left out"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_is_hinted_at_by_its_name() {
        let hint = |specifier| missing_import_hint(specifier, NodeModules::None);
        assert_eq!(
            hint("@hono/zod-validator/x"),
            "npm install @hono/zod-validator"
        );
        assert_eq!(hint("zod/v4"), "npm install zod");
        assert_eq!(hint("./x"), "there is no such file");
        assert_eq!(hint("bun:sqlite"), "Ouro has no such `bun:` module");
    }

    #[test]
    fn a_module_of_node_is_hinted_at_with_its_flag() {
        for specifier in ["node:fs", "fs"] {
            assert_eq!(
                missing_import_hint(specifier, NodeModules::None),
                "`node:fs` needs `compatibility_flags = [\"nodejs_compat\"]` in ouro.toml or wrangler.toml"
            );
        }
        assert!(missing_import_hint("fs", NodeModules::Prefixed).contains("2024-09-23"));
        assert_eq!(
            missing_import_hint("node:nothing", NodeModules::All),
            "Ouro has no such module of Node.js"
        );
    }
}
