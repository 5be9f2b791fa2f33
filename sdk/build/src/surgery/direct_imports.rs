//! Lets the engine of a skeleton import the host's functions themselves.
//!
//! Functions are lowered for a memory and an allocator. `wit-component` takes both from the engine's instance, so the functions come after
//! it, and the engine imports stand-ins that call them through a table. In a skeleton the memory is the snapshot's and comes first. The
//! allocator alone needs a stand-in: one function where there was one for each import, and each costs time whenever an instance is made.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CodeSection, Component, ComponentAliasSection, ExportKind,
    ExportSection, Function, FunctionSection, InstanceSection, Module, ModuleArg, ModuleSection,
    RawSection, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ExternalKind, Instance, Parser,
    Payload,
};

use super::SurgeryError;
use super::skeleton::{ENGINE_MODULE, SNAPSHOT_INSTANCE};

/// The stand-ins, which are instantiated right after the snapshot.
const STAND_IN_MODULE: u32 = ENGINE_MODULE + 1;
const STAND_IN_INSTANCE: u32 = SNAPSHOT_INSTANCE + 1;
/// What fills the table of the stand-ins for imports. The engine itself fills that of the allocator (`shared_engine`).
const FILLING_MODULE: u32 = STAND_IN_MODULE + 1;

pub const ALLOCATOR: &str = "cabi_realloc";
/// The stand-in for the allocator is the first core function.
const ALLOCATOR_FUNCTION: u32 = 0;
/// The engine imports the stand-in's table by this name.
pub const TABLE_IMPORT: (&str, &str) = ("stand-in", "table");

/// Gives the skeleton another order and other stand-ins.
///
/// # Errors
/// The skeleton is not of the form that `wit-component` and `skeleton` make.
pub fn direct_imports(skeleton: &[u8]) -> Result<Vec<u8>, SurgeryError> {
    let items = read(skeleton)?;
    let parts = Parts::of(&items)?;
    let order = parts.order(&items);
    let mut pass = Renumber(parts.functions(&items, &order)?);
    let mut out = Component::new();
    for item in order {
        pass.write(&mut out, item)?;
    }
    Ok(out.finish())
}

/// A piece of the component whose place can change.
enum Item<'a> {
    Section(u8, &'a [u8]),
    Module(u32),
    Alias(ComponentAlias<'a>),
    Canonical(CanonicalFunction),
    Instance(Instance<'a>),
}

impl Item<'_> {
    fn is_core_function(&self) -> bool {
        match self {
            Self::Alias(ComponentAlias::CoreInstanceExport { kind, .. }) => {
                *kind == ExternalKind::Func
            }
            Self::Canonical(function) => !matches!(function, CanonicalFunction::Lift { .. }),
            _ => false,
        }
    }

    fn instantiates(&self, module: u32) -> bool {
        matches!(self, Self::Instance(Instance::Instantiate { module_index, .. }) if *module_index == module)
    }

    fn is_bundle(&self) -> bool {
        matches!(self, Self::Instance(Instance::FromExports(_)))
    }

    /// The name, where it is an alias of what the core instance exports.
    fn export_of(&self, instance: u32) -> Option<&str> {
        match self {
            Self::Alias(ComponentAlias::CoreInstanceExport {
                instance_index,
                name,
                ..
            }) if *instance_index == instance => Some(name),
            _ => None,
        }
    }

    /// A function of the host, or its lowered form.
    fn is_import(&self) -> bool {
        match self {
            Self::Alias(ComponentAlias::InstanceExport { kind, .. }) => {
                *kind == ComponentExternalKind::Func
            }
            Self::Canonical(function) => matches!(function, CanonicalFunction::Lower { .. }),
            _ => false,
        }
    }
}

fn read(component: &[u8]) -> Result<Vec<Item<'_>>, SurgeryError> {
    let mut items = Vec::new();
    let (mut depth, mut modules) = (0, 0);
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ if depth != 1 => {}
            Payload::ModuleSection { .. } if modules > 0 => {
                items.push(Item::Module(STAND_IN_MODULE + modules - 1));
                modules += 1;
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    items.push(Item::Alias(alias?));
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    items.push(Item::Canonical(function?));
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    items.push(Item::Instance(instance?));
                }
            }
            payload => {
                modules += u32::from(matches!(payload, Payload::ModuleSection { .. }));
                if let Some((id, range)) = payload.as_section() {
                    items.push(Item::Section(
                        id,
                        &component[range.start as usize..range.end as usize],
                    ));
                }
            }
        }
    }
    Ok(items)
}

/// Where the pieces are that matter.
struct Parts {
    engine_at: usize,
    engine_instance: u32,
    filling_at: usize,
    /// What the table is filled with.
    bundle_at: usize,
}

impl Parts {
    fn of(items: &[Item<'_>]) -> Result<Self, SurgeryError> {
        let find = |what: &str, is: &dyn Fn(&Item<'_>) -> bool| {
            let found = items.iter().position(is);
            found.ok_or_else(|| unexpected(format!("no {what} in the skeleton")))
        };
        let engine_at = find("engine", &|item| item.instantiates(ENGINE_MODULE))?;
        let filling_at = find("table of imports", &|item| {
            item.instantiates(FILLING_MODULE)
        })?;
        if find("stand-ins", &|item| item.instantiates(STAND_IN_MODULE))? > engine_at
            || filling_at < engine_at
        {
            return Err(unexpected(
                "the engine, its stand-ins and their table in another order",
            ));
        }
        let bundle = items[engine_at..filling_at]
            .iter()
            .position(Item::is_bundle);
        let bundle = bundle.ok_or_else(|| unexpected("nothing to fill the table with"))?;
        let instances = items[..engine_at].iter();
        let instances = instances.filter(|item| matches!(item, Item::Instance(_)));
        Ok(Self {
            engine_at,
            engine_instance: instances.count() as u32,
            filling_at,
            bundle_at: engine_at + bundle,
        })
    }

    /// What is left out: the stand-ins for imports, what fills their table, and the engine's memory and allocator.
    fn is_dropped(&self, at: usize, item: &Item<'_>) -> bool {
        let of_engine = item.export_of(self.engine_instance);
        item.export_of(STAND_IN_INSTANCE).is_some()
            || of_engine.is_some_and(|name| name == ALLOCATOR || name == "memory")
            || at == self.bundle_at
            || at == self.filling_at
            || matches!(item, Item::Module(FILLING_MODULE))
    }

    /// The lowered functions, and what gathers them for the engine, come in front of it.
    fn order<'a, 'b>(&self, items: &'b [Item<'a>]) -> Vec<&'b Item<'a>> {
        let kept = |range: std::ops::Range<usize>| {
            let start = range.start;
            let part = items[range].iter().enumerate();
            part.filter(move |(at, item)| !self.is_dropped(start + at, item))
                .map(|(_, item)| item)
        };
        let (bundles, before): (Vec<_>, Vec<_>) =
            kept(0..self.engine_at).partition(|item| item.is_bundle());
        let (lowered, after): (Vec<_>, Vec<_>) =
            kept(self.engine_at..self.filling_at).partition(|item| item.is_import());
        let rest = kept(self.filling_at..items.len());
        [before, lowered, bundles, after, rest.collect()].concat()
    }

    /// The new indices of core functions.
    fn functions(
        &self,
        items: &[Item<'_>],
        order: &[&Item<'_>],
    ) -> Result<HashMap<u32, u32>, SurgeryError> {
        let core: Vec<_> = items
            .iter()
            .filter(|item| item.is_core_function())
            .collect();
        let order: Vec<_> = order
            .iter()
            .filter(|item| item.is_core_function())
            .collect();
        let Item::Instance(Instance::FromExports(bundle)) = &items[self.bundle_at] else {
            return Err(unexpected("a table that is filled otherwise"));
        };
        let behind = |stand_in: &str| {
            let export = bundle.iter().find(|export| export.name == stand_in);
            export.and_then(|export| core.get(export.index as usize))
        };
        let mut functions = HashMap::new();
        for (old, item) in (0..).zip(&core) {
            let same = match item.export_of(STAND_IN_INSTANCE) {
                Some(name) => behind(name)
                    .ok_or_else(|| unexpected(format!("stand-in `{name}` for nothing")))?,
                None => item,
            };
            let new = match order.iter().position(|other| std::ptr::eq(**other, *same)) {
                Some(at) => ALLOCATOR_FUNCTION + 1 + at as u32,
                None if same.export_of(self.engine_instance) == Some(ALLOCATOR) => {
                    ALLOCATOR_FUNCTION
                }
                None => return Err(unexpected(format!("core function {old} is left out"))),
            };
            functions.insert(old, new);
        }
        Ok(functions)
    }
}

struct Renumber(HashMap<u32, u32>);

impl Reencode for Renumber {
    type Error = SurgeryError;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<SurgeryError>> {
        let new = self.0.get(&function).copied();
        new.ok_or_else(|| {
            reencode::Error::UserError(unexpected(format!("core function {function}")))
        })
    }
}

impl ReencodeComponent for Renumber {}

impl Renumber {
    fn write(&mut self, out: &mut Component, item: &Item<'_>) -> Result<(), SurgeryError> {
        match item {
            Item::Section(id, data) => {
                out.section(&RawSection { id: *id, data });
            }
            Item::Module(STAND_IN_MODULE) => {
                out.section(&ModuleSection(&stand_in()));
            }
            Item::Module(_) => return Err(unexpected("more core modules than the engine needs")),
            Item::Alias(alias) => {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(self.component_alias(alias.clone())?);
                out.section(&aliases);
            }
            Item::Canonical(function) => {
                let mut functions = CanonicalFunctionSection::new();
                self.parse_component_canonical(&mut functions, function.clone())?;
                out.section(&functions);
            }
            Item::Instance(Instance::Instantiate { module_index, args })
                if *module_index == ENGINE_MODULE =>
            {
                let args = args
                    .iter()
                    .map(|arg| (arg.name, ModuleArg::Instance(arg.index)));
                let table = (TABLE_IMPORT.0, ModuleArg::Instance(STAND_IN_INSTANCE));
                let mut instances = InstanceSection::new();
                instances.instantiate(ENGINE_MODULE, args.chain([table]).collect::<Vec<_>>());
                out.section(&instances);
            }
            Item::Instance(instance) => {
                let mut instances = InstanceSection::new();
                self.parse_instance(&mut instances, instance.clone())?;
                out.section(&instances);
                if item.instantiates(STAND_IN_MODULE) {
                    out.section(&memory_and_allocator());
                }
            }
        }
        Ok(())
    }
}

/// What functions are lowered and lifted with.
fn memory_and_allocator() -> ComponentAliasSection {
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport {
        instance: SNAPSHOT_INSTANCE,
        kind: ExportKind::Memory,
        name: "memory",
    });
    aliases.alias(Alias::CoreInstanceExport {
        instance: STAND_IN_INSTANCE,
        kind: ExportKind::Func,
        name: ALLOCATOR,
    });
    aliases
}

fn allocator_type() -> TypeSection {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types
}

pub fn table_type() -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: Some(1),
        shared: false,
    }
}

/// Calls the allocator of the engine, which is in its table by the time.
fn stand_in() -> Module {
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut tables = TableSection::new();
    tables.table(table_type());
    let mut exports = ExportSection::new();
    exports.export(ALLOCATOR, ExportKind::Func, 0);
    exports.export(TABLE_IMPORT.1, ExportKind::Table, 0);
    let mut body = Function::new([]);
    let mut code = body.instructions();
    for parameter in 0..4 {
        code.local_get(parameter);
    }
    code.i32_const(0).call_indirect(0, 0).end();
    let mut bodies = CodeSection::new();
    bodies.function(&body);
    let mut module = Module::new();
    module
        .section(&allocator_type())
        .section(&functions)
        .section(&tables)
        .section(&exports)
        .section(&bodies);
    module
}

fn unexpected(what: impl Into<String>) -> SurgeryError {
    SurgeryError::Unexpected(what.into())
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload, TypeRef};

    use crate::engine::{Engine, Variant};
    use crate::surgery::SnapshotSlot;

    /// Of the skeleton that all workers share: the core modules inside, by how many functions each imports.
    #[test]
    fn of_the_modules_in_a_skeleton_the_engine_alone_imports_functions() {
        let engine = Engine::get(Variant::Worker).expect("the engine");
        let skeleton = engine.skeleton(SnapshotSlot::Imported).expect("a skeleton");
        let mut modules = Vec::new();
        for payload in Parser::new(0).parse_all(&skeleton) {
            match payload.expect("WebAssembly") {
                Payload::ModuleSection { .. } => modules.push(0),
                Payload::ImportSection(section) => {
                    let imports = section
                        .into_imports()
                        .map(|import| import.expect("an import"));
                    let functions = imports.filter(|import| matches!(import.ty, TypeRef::Func(_)));
                    *modules.last_mut().expect("a module") += functions.count();
                }
                _ => {}
            }
        }
        let [engine, stand_in] = modules[..] else {
            panic!("the engine and one stand-in, not {modules:?}");
        };
        assert!(engine > 50, "{engine}");
        assert_eq!(stand_in, 0);
    }
}
