//! How the bundler finds the modules that Ouro provides, and how the globals of Node.js get into a bundle that uses them.
//!
//! Such a module has the id `ouro:<file>`. What `require` wants of it is its default export (`module.exports` of Node.js), while `import`
//! wants a namespace: so `require` gets a module of its own, `ouro:require/<file>`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use rolldown_common::side_effects::HookSideEffects;
use rolldown_common::{ImportKind, ModuleInfo, ModuleType, NormalModule, ResolvedExternal};
use rolldown_plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookNoopReturn, HookResolveIdArgs,
    HookResolveIdOutput, HookResolveIdReturn, HookTransformArgs, HookTransformOutput,
    HookTransformOutputMap, HookTransformReturn, HookUsage, Plugin, PluginContext, PluginHookMeta,
    PluginOrder, SharedLoadPluginContext, SharedTransformPluginContext,
};

use crate::compatibility::{Compatibility, NodeModules};
use crate::modules::Modules;

use super::Missing;
use super::deferred::{self, Graph, Plan};

/// What the engine itself serves when the bundle is evaluated; for provided modules only.
const INTERNAL: &str = "ouro:internal";
/// What a build knows about its worker, as a module.
const BUILD: &str = "ouro:build";
const PREFIX: &str = "ouro:";
const REQUIRED: &str = "ouro:require/";
/// A module that `process.getBuiltinModule` is to find.
const NAMED: &str = "ouro:named/";
const NODE: &str = "node:";

/// The globals of Node.js, each with the provided module that defines it.
const GLOBALS: [(&str, &str); 5] = [
    ("Buffer", "ouro:globals/buffer"),
    ("process", "ouro:globals/process"),
    ("global", "ouro:globals/global"),
    ("setImmediate", "ouro:globals/timers"),
    ("clearImmediate", "ouro:globals/timers"),
];

/// Those that every worker has, and that are Node.js' own from a date on.
const TIMERS: [(&str, &str); 4] = [
    ("setTimeout", "ouro:globals/node-timers"),
    ("setInterval", "ouro:globals/node-timers"),
    ("clearTimeout", "ouro:globals/node-timers"),
    ("clearInterval", "ouro:globals/node-timers"),
];

#[derive(Debug)]
pub struct Provided {
    modules: &'static Modules,
    node: NodeModules,
    populates_process_env: bool,
    env_is_importable: bool,
    has_node_timers: bool,
    entry: String,
    /// What the entry imports before anything else: modules that define globals, or that are asked for by name.
    globals: BTreeSet<String>,
    graph: Graph,
    plan: Option<Plan>,
    /// Left to the engine, which never sees them: the build has failed already.
    missing: Missing,
}

impl Provided {
    /// Modules that are parsed are noted in the graph. With a plan the bundle begins at `deferred::MODULE`.
    pub fn new(
        modules: &'static Modules,
        compatibility: &Compatibility,
        entry: &str,
        graph: Graph,
        plan: Option<Plan>,
    ) -> Self {
        Self {
            modules,
            node: compatibility.node_modules(),
            populates_process_env: compatibility.populates_process_env(),
            env_is_importable: compatibility.env_is_importable(),
            has_node_timers: compatibility.has_node_timers(),
            entry: entry.to_owned(),
            globals: compatibility
                .legacy_modules()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            graph,
            plan,
            missing: Missing::new(),
        }
    }

    /// Goes on where these imports cannot be found.
    pub fn without(self, missing: &Missing) -> Self {
        Self {
            missing: missing.clone(),
            ..self
        }
    }

    /// What stands before the entry's own text, on its first line, so that the lines stay as they are.
    pub fn inserted(&self, code: &str) -> String {
        let (before, after) = if is_common_js(code) {
            ("require(\"", "\");")
        } else {
            ("import \"", "\";")
        };
        let globals = self.globals.iter();
        globals
            .map(|module| format!("{before}{module}{after}"))
            .collect()
    }

    /// Defines the globals that this code mentions, and adds the modules that it asks `process` for; none where it does neither, or the
    /// worker does not ask for those of Node.js.
    pub fn with_globals_of(mut self, code: &str) -> Option<Self> {
        if self.node < NodeModules::All {
            return None;
        }
        let timers = TIMERS.into_iter().filter(|_| self.has_node_timers);
        let mentioned = GLOBALS
            .into_iter()
            .chain(timers)
            .filter(|(name, _)| mentions(code, name))
            .map(|(_, module)| module.to_owned());
        let named = asked_for_by_name(code)
            .filter(|name| self.modules.find(&format!("{NODE}{name}")).is_some())
            .map(|name| format!("{NAMED}{name}"));
        let before = self.globals.len();
        self.globals
            .extend(mentioned.chain(named).collect::<Vec<_>>());
        (self.globals.len() > before).then_some(self)
    }

    fn file(&self, specifier: &str, from_provided: bool) -> Option<&str> {
        if specifier.starts_with(PREFIX) {
            return self.modules.find(specifier).filter(|_| from_provided);
        }
        let Some(name) = specifier.strip_prefix(NODE) else {
            return self.modules.find(specifier).or_else(|| {
                let bare = from_provided || self.node == NodeModules::All;
                self.modules
                    .find(&format!("{NODE}{specifier}"))
                    .filter(|_| bare)
            });
        };
        let allowed = match self.node {
            NodeModules::None => false,
            NodeModules::AsyncHooks => name == "async_hooks",
            NodeModules::Prefixed | NodeModules::All => true,
        };
        self.modules
            .find(specifier)
            .filter(|_| allowed || from_provided)
    }

    fn is_missing(&self, args: &HookResolveIdArgs<'_>) -> bool {
        let importer = args.importer.unwrap_or_default();
        let mut missing = self.missing.iter();
        missing.any(|(from, specifier)| from == importer && specifier == args.specifier)
    }

    fn resolve(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        if self.is_missing(args) {
            return Some(external(args.specifier));
        }
        let importer = args.importer.filter(|id| id.starts_with(PREFIX));
        // The entry imports globals on the bundler's behalf.
        let is_global = self.globals.contains(args.specifier);
        let from_provided = importer.is_some() || is_global;
        match args.specifier {
            named if is_global && named.starts_with(NAMED) => {
                return Some(HookResolveIdOutput::from_id(named));
            }
            INTERNAL if from_provided => {
                return Some(external(INTERNAL));
            }
            BUILD if from_provided => return Some(HookResolveIdOutput::from_id(BUILD)),
            _ => {}
        }
        let file = match (importer, args.specifier.strip_prefix("./")) {
            // Files of the table name each other by their place in it.
            (Some(_), Some(file)) => file,
            _ => self.file(args.specifier, from_provided)?,
        };
        let prefix = match args.kind {
            ImportKind::Require => REQUIRED,
            _ => PREFIX,
        };
        Some(HookResolveIdOutput::from_id(format!("{prefix}{file}")))
    }

    /// What the module that a deferred bundle begins at imports: ids, each to be evaluated whether somebody uses its exports or not.
    async fn resolve_planned(&self, context: &PluginContext, id: &str) -> HookResolveIdReturn {
        let found = if id.starts_with(PREFIX) {
            HookResolveIdOutput::from_id(id)
        } else {
            let resolved = context.resolve(id, None, None).await?;
            HookResolveIdOutput::from_resolved_id(resolved?)
        };
        let evaluates = self.plan.as_ref().is_some_and(|plan| plan.evaluates(id));
        Ok(Some(HookResolveIdOutput {
            side_effects: if evaluates {
                Some(HookSideEffects::True)
            } else {
                found.side_effects
            },
            ..found
        }))
    }

    fn side_effects(&self, id: &str) -> HookSideEffects {
        let planned = |plan: &Plan| id == deferred::MODULE || plan.evaluates(id);
        // What nobody uses of a module goes; the modules of globals are there for their effect.
        if id.contains(":globals-")
            || id.starts_with(NAMED)
            || self.plan.as_ref().is_some_and(planned)
        {
            HookSideEffects::True
        } else {
            HookSideEffects::False
        }
    }

    fn source(&self, id: &str) -> Option<String> {
        if id == deferred::MODULE {
            return self.plan.as_ref().map(Plan::source);
        }
        if id == BUILD {
            return Some(format!(
                "export const populatesProcessEnv = {};\nexport const envIsImportable = {};\n",
                self.populates_process_env, self.env_is_importable
            ));
        }
        if let Some(name) = id.strip_prefix(NAMED) {
            return Some(format!(
                "import whole from \"{NODE}{name}\";\nimport {{ builtinModules }} from \"ouro:globals/builtin-modules\";\nbuiltinModules.set(\"{name}\", whole);\n"
            ));
        }
        if let Some(file) = id.strip_prefix(REQUIRED) {
            return Some(format!(
                "import whole from \"./{file}\";\nexport {{ whole as \"module.exports\" }};\n"
            ));
        }
        Some(self.modules.source(id.strip_prefix(PREFIX)?)?.to_owned())
    }
}

impl Plugin for Provided {
    fn name(&self) -> Cow<'static, str> {
        "ouro:provided".into()
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load | HookUsage::Transform | HookUsage::ModuleParsed
    }

    fn resolve_id_meta(&self) -> Option<PluginHookMeta> {
        Some(PluginHookMeta {
            order: Some(PluginOrder::Pre),
        })
    }

    async fn resolve_id(
        &self,
        context: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> HookResolveIdReturn {
        match (args.importer, args.specifier) {
            (None, deferred::MODULE) => Ok(Some(HookResolveIdOutput::from_id(deferred::MODULE))),
            (Some(deferred::MODULE), id) => self.resolve_planned(context, id).await,
            _ => Ok(self.resolve(args)),
        }
    }

    async fn load(
        &self,
        _context: SharedLoadPluginContext,
        args: &HookLoadArgs<'_>,
    ) -> HookLoadReturn {
        Ok(self.source(args.id).map(|source| HookLoadOutput {
            code: source.into(),
            side_effects: Some(self.side_effects(args.id)),
            module_type: Some(ModuleType::Js),
            ..HookLoadOutput::default()
        }))
    }

    async fn module_parsed(
        &self,
        _context: &PluginContext,
        info: Arc<ModuleInfo>,
        module: &NormalModule,
    ) -> HookNoopReturn {
        if let Some(file) = self.modules.find("cloudflare:workers") {
            self.graph.note(&info, module, &format!("{PREFIX}{file}"));
        }
        Ok(())
    }

    async fn transform(
        &self,
        _context: SharedTransformPluginContext,
        args: &HookTransformArgs<'_>,
    ) -> HookTransformReturn {
        if args.id != self.entry {
            return Ok(None);
        }
        let needs_export = defines_handler_alone(args.code);
        if self.globals.is_empty() && !needs_export {
            return Ok(None);
        }
        let mut code = self.inserted(args.code);
        code.push_str(args.code);
        if needs_export {
            code.push_str("\nexport { handler };\n");
        }
        Ok(Some(HookTransformOutput {
            code: Some(code),
            map: HookTransformOutputMap::Null,
            ..HookTransformOutput::default()
        }))
    }
}

fn external(id: &str) -> HookResolveIdOutput {
    HookResolveIdOutput {
        external: Some(ResolvedExternal::Bool(true)),
        ..HookResolveIdOutput::from_id(id)
    }
}

/// A worker of the plain form: a function `handler` at the top level of a file that exports nothing. Without an export the bundler would
/// drop it.
fn defines_handler_alone(code: &str) -> bool {
    let exports = |line: &str| {
        let line = line.trim_start();
        line.starts_with("export ")
            || line.starts_with("export{")
            || line.contains("module.exports")
    };
    let first = code.lines().find(|line| !line.trim().is_empty());
    let indent = first.map_or(0, |line| line.len() - line.trim_start().len());
    let defines = |line: &str| {
        let line = line.get(indent..).unwrap_or_default();
        let line = line.strip_prefix("async ").unwrap_or(line);
        ["function ", "const ", "let ", "var "]
            .iter()
            .filter_map(|keyword| line.strip_prefix(keyword))
            .filter_map(|rest| rest.trim_start().strip_prefix("handler"))
            .any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$'))
    };
    code.lines().any(defines) && !code.lines().any(exports)
}

fn is_common_js(code: &str) -> bool {
    let statement = |word: &str| code.lines().any(|line| line.trim_start().starts_with(word));
    (code.contains("module.exports") || code.contains("exports."))
        && !statement("import ")
        && !statement("export ")
}

/// The literal names, without their prefix, in calls of `process.getBuiltinModule`.
fn asked_for_by_name(code: &str) -> impl Iterator<Item = &str> {
    code.split("getBuiltinModule").skip(1).filter_map(|rest| {
        let argument = rest.trim_start_matches(['?', '.', '(', ' ']);
        let quote = argument.chars().next().filter(|c| "\"'`".contains(*c))?;
        let (name, _) = argument[1..].split_once(quote)?;
        Some(name.strip_prefix(NODE).unwrap_or(name))
    })
}

/// Does the name stand somewhere in the code as a word? Too often yes does no harm but to the size of the bundle.
fn mentions(code: &str, name: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].chars().next();
        !before.is_some_and(in_name) && !after.is_some_and(in_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_is_mentioned_as_a_whole_word() {
        assert!(mentions("a(Buffer.from(1))", "Buffer"));
        assert!(mentions("globalThis.Buffer", "Buffer"));
        assert!(!mentions("new ArrayBuffer(BufferSource)", "Buffer"));
    }

    #[test]
    fn a_module_that_process_is_asked_for_is_found_by_its_name() {
        let names = |code| asked_for_by_name(code).collect::<Vec<_>>();
        assert_eq!(
            names("p?.getBuiltinModule?.(\"node:fs\"); getBuiltinModule('util')"),
            ["fs", "util"]
        );
        assert!(names("const { getBuiltinModule } = process; getBuiltinModule(name)").is_empty());
    }

    #[test]
    fn a_handler_that_nothing_exports_is_found() {
        assert!(defines_handler_alone("async function handler(request) {}"));
        assert!(defines_handler_alone(
            "// note\nconst handler = async () => ({});"
        ));
        assert!(!defines_handler_alone("export function handler() {}"));
        assert!(!defines_handler_alone("function handlers() {}"));
        assert!(!defines_handler_alone(
            "const handler = 1;\nexport default {};"
        ));
        assert!(defines_handler_alone("\n  function handler() {}"));
        assert!(!defines_handler_alone("{\n  function handler() {}\n}"));
    }

    #[test]
    fn the_form_of_an_entry_is_told_by_its_statements() {
        assert!(is_common_js("module.exports = { fetch() {} };"));
        assert!(!is_common_js("import a from 'a';\nmodule.exports.b = a;"));
        assert!(!is_common_js("addEventListener('fetch', () => {});"));
    }
}
