//! Bundles an entry and everything it imports into one ES module. The only place that names rolldown, whose Rust API is unstable.
//!
//! Nothing in the output depends on the machine: paths are relative to the project's root.

mod provided;

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
use crate::source_map::Position;

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

/// Bundles; blocks until it is done, inside a tokio runtime as well as outside.
///
/// # Errors
/// Mistakes in the code, each with its place; imports that cannot be found are such mistakes.
pub fn bundle(options: &BundleOptions) -> Result<Bundle, BuildError> {
    let entry = options
        .entry
        .canonicalize()
        .ok()
        .filter(|entry| entry.is_file());
    let entry = entry.ok_or_else(|| BuildError::NoEntry(options.entry.clone()))?;
    let job = Job {
        root: project_root(&entry),
        entry,
        minify: options.minify,
        compatibility: &options.compatibility,
    };
    // rolldown spawns tasks and blocks in them: it gets a runtime of its own, on a thread that belongs to none.
    thread::scope(|scope| scope.spawn(|| job.run()).join())
        .unwrap_or_else(|_| Err(BuildError::Internal("the bundler panicked".into())))
}

struct Job<'a> {
    root: PathBuf,
    /// Absolute.
    entry: PathBuf,
    minify: bool,
    compatibility: &'a Compatibility,
}

impl Job<'_> {
    /// Which globals of Node.js a worker uses shows in its bundle: one that uses some is made again with them.
    fn run(&self) -> Result<Bundle, BuildError> {
        let provided = || -> Result<Provided, BuildError> {
            Ok(Provided::new(
                Modules::get()?,
                self.compatibility,
                &self.entry.to_string_lossy(),
            ))
        };
        let bundle = self.generate(provided()?)?;
        match provided()?.with_globals_of(&bundle.code) {
            Some(provided) => self.generate(provided),
            None => Ok(bundle),
        }
    }

    fn generate(&self, provided: Provided) -> Result<Bundle, BuildError> {
        let options = bundler_options(&self.entry, &self.root, self.minify);
        generate(options, provided, self)
    }
}

/// The nearest folder above the entry that is marked as a project's root, else the entry's own.
pub fn project_root(entry: &Path) -> PathBuf {
    let folder = entry.parent().unwrap_or(Path::new("/"));
    let marked = folder
        .ancestors()
        .find(|folder| ROOT_MARKS.iter().any(|mark| folder.join(mark).is_file()));
    marked.unwrap_or(folder).to_path_buf()
}

fn bundler_options(entry: &Path, root: &Path, minify: bool) -> BundlerOptions {
    let names = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
    BundlerOptions {
        input: Some(vec![InputItem {
            name: Some("worker".into()),
            import: entry.to_string_lossy().into_owned(),
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
    job: &Job<'_>,
) -> Result<Bundle, BuildError> {
    let diagnostic = |event: &BuildDiagnostic| diagnostic(event, job);
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
            .map(|map| map.to_json_string())
            .unwrap_or_default(),
        modules: modules(chunk),
        warnings: warnings.into_iter().map(diagnostic).collect(),
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

fn diagnostic(event: &BuildDiagnostic, job: &Job<'_>) -> Diagnostic {
    let root = &job.root;
    let options = DiagnosticOptions { cwd: root.clone() };
    let place = event
        .to_diagnostic_with(&options)
        .get_primary_location()
        .map(|(file, line, column, _)| Place {
            source_line: source_line(&root.join(&file), line),
            position: Position {
                file,
                line: line as u32,
                column: column as u32 + 1,
            },
        });
    let mut diagnostic = Diagnostic {
        message: event.to_message_with(&options),
        place,
        ..Diagnostic::default()
    };
    if let (EventKind::UnresolvedImport, Some(specifier)) = (event.kind(), event.exporter()) {
        diagnostic.message = format!("cannot find `{specifier}`");
        diagnostic.hints.push(missing_import_hint(
            &specifier,
            job.compatibility.node_modules(),
        ));
    }
    diagnostic
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
