//! Workers that read `env` of `cloudflare:workers`, or format with `Intl`, at their top level.
//!
//! A worker's top level runs when it is built, while `env` belongs to an invocation, and the data of locales to the host. So modules that
//! import `env` or format, and those that import such a module, are put off: each invocation evaluates them before its handler runs. All
//! that they import is evaluated at the build, as in any other worker. The bundle then begins at a module of this file's making, whose
//! export [`EXPORT`] evaluates the entry.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rolldown_common::{ExportsKind, ModuleInfo, NormalModule, Specifier};

/// The module that the bundle begins at.
pub const MODULE: &str = "ouro:deferred";
/// A function that answers with a promise of the worker's own exports. `sdk/js/src/dispatch.ts` knows it by this name.
const EXPORT: &str = "__ouroDeferred";

/// Evaluations tell which modules format one by one: so many are put off at most.
const FORMATTING_MAX: usize = 32;

/// What the top level wants of an invocation.
#[derive(Debug, Default)]
pub struct Wants {
    pub env: bool,
    /// Files that format with `Intl`, as the source map names them.
    pub formatting: BTreeSet<String>,
}

impl Wants {
    /// Takes note of how an evaluation went: whether it read `env`, and which file it failed in as that formats. False where there is
    /// nothing new.
    pub fn grow(&mut self, env: bool, formatting: Option<&str>) -> bool {
        if env && !self.env {
            self.env = true;
            return true;
        }
        self.formatting.len() < FORMATTING_MAX
            && formatting.is_some_and(|file| self.formatting.insert(file.to_owned()))
    }
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Ids, in the order of the source.
    imports: Vec<String>,
    reads_env: bool,
    is_common_js: bool,
}

/// Which modules import which, as far as they were parsed. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Graph(Arc<Mutex<BTreeMap<String, Node>>>);

/// What a deferred bundle evaluates when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    entry: String,
    /// Ids of what is put off; the entry is the first.
    pub deferred: Vec<String>,
    /// Ids of what these import of the rest, in the order in which it is evaluated.
    evaluated: Vec<String>,
}

impl Graph {
    /// Takes note of a module; `workers` is the id of `cloudflare:workers`.
    pub fn note(&self, info: &ModuleInfo, module: &NormalModule, workers: &str) {
        let node = Node {
            imports: info.imported_ids.iter().map(ToString::to_string).collect(),
            reads_env: info.imported_ids.iter().any(|id| id.as_str() == workers)
                && may_import_env(module),
            is_common_js: matches!(info.input_format, ExportsKind::CommonJs),
        };
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.insert(info.id.to_string(), node);
    }

    /// The plan for this entry. Files are relative to the root.
    pub fn plan(&self, entry: &str, wants: &Wants, root: &Path) -> Plan {
        let nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut plan = Plan {
            entry: entry.to_owned(),
            deferred: Vec::new(),
            evaluated: Vec::new(),
        };
        let id = |file: &String| {
            let path = root.join(file).canonicalize();
            path.map(|path| path.to_string_lossy().into_owned()).ok()
        };
        let formatting = wants.formatting.iter().filter_map(id);
        let reading = nodes.iter().filter(|(_, node)| wants.env && node.reads_env);
        let first = formatting.chain(reading.map(|(id, _)| id.clone()));
        let deferred = deferred(&nodes, entry, first.collect());
        plan.visit(&nodes, &deferred, entry, &mut BTreeSet::new());
        plan
    }
}

/// Without names it is a `require` or `export *`, which may give everything.
fn may_import_env(module: &NormalModule) -> bool {
    let mut names = module.ecma_view.named_imports.values().peekable();
    names.peek().is_none()
        || names.any(|name| match &name.imported {
            Specifier::Star => true,
            Specifier::Literal(name) => name.as_str() == "env",
        })
}

/// The first of them, those that import one of them, and so on; and the entry, whose exports are the worker.
fn deferred(
    nodes: &BTreeMap<String, Node>,
    entry: &str,
    mut found: BTreeSet<String>,
) -> BTreeSet<String> {
    found.insert(entry.to_owned());
    loop {
        let imports_one = |node: &Node| node.imports.iter().any(|id| found.contains(id));
        let more: Vec<String> = nodes
            .iter()
            .filter(|(id, node)| !found.contains(*id) && imports_one(node))
            .map(|(id, _)| id.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

impl Plan {
    fn visit<'a>(
        &mut self,
        nodes: &'a BTreeMap<String, Node>,
        deferred: &BTreeSet<String>,
        id: &'a str,
        seen: &mut BTreeSet<&'a str>,
    ) {
        if !seen.insert(id) {
            return;
        }
        if !deferred.contains(id) {
            self.evaluated.push(id.to_owned());
            return;
        }
        self.deferred.push(id.to_owned());
        // What a CommonJS module requires, and whether, is known when it runs.
        let Some(node) = nodes.get(id).filter(|node| !node.is_common_js) else {
            return;
        };
        for import in &node.imports {
            self.visit(nodes, deferred, import, seen);
        }
    }

    pub fn evaluates(&self, id: &str) -> bool {
        self.evaluated.iter().any(|other| other == id)
    }

    /// The text of the module that the bundle begins at.
    pub fn source(&self) -> String {
        let mut source = String::new();
        // Writing to a string cannot fail.
        for id in &self.evaluated {
            let _ = writeln!(source, "import {};", quoted(id));
        }
        let entry = quoted(&self.entry);
        let _ = writeln!(source, "export const {EXPORT} = () => import({entry});");
        source
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: &[(&str, &[&str], bool)]) -> Graph {
        let node = |(id, imports, reads_env): &(&str, &[&str], bool)| {
            let node = Node {
                imports: imports.iter().map(ToString::to_string).collect(),
                reads_env: *reads_env,
                is_common_js: false,
            };
            (id.to_string(), node)
        };
        Graph(Arc::new(Mutex::new(nodes.iter().map(node).collect())))
    }

    fn plan(graph: &Graph) -> Plan {
        let wants = Wants {
            env: true,
            ..Wants::default()
        };
        graph.plan("/entry", &wants, Path::new("/"))
    }

    #[test]
    fn wants_grow_by_what_is_new() {
        let mut wants = Wants::default();
        assert!(!wants.grow(false, None));
        assert!(wants.grow(true, Some("a.ts")));
        assert!(wants.grow(true, Some("a.ts")));
        assert!(!wants.grow(true, Some("a.ts")));
    }

    #[test]
    fn what_reads_env_and_what_imports_it_is_put_off() {
        let graph = graph(&[
            ("/entry", &["/hono", "/routes", "/text"], false),
            ("/routes", &["/zod", "/database"], false),
            ("/database", &["/drizzle", "ouro:workers"], true),
            ("/drizzle", &["/text"], false),
        ]);
        let plan = plan(&graph);
        assert_eq!(plan.deferred, ["/entry", "/routes", "/database"]);
        assert_eq!(
            plan.evaluated,
            ["/hono", "/zod", "/drizzle", "ouro:workers", "/text"]
        );
        assert_eq!(
            plan.source().lines().last(),
            Some("export const __ouroDeferred = () => import(\"/entry\");")
        );
    }

    #[test]
    fn modules_that_import_each_other_are_put_off_together() {
        let graph = graph(&[("/entry", &["/a"], false), ("/a", &["/entry"], false)]);
        let plan = plan(&graph);
        assert_eq!(plan.deferred.len(), 2);
        assert!(plan.evaluated.is_empty());
    }
}
