//! Describes a core module as a type of the component model, so that a component can import it.

use std::collections::HashMap;

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{EntityType, ModuleType};
use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, GlobalType, MemoryType, Parser, Payload, TableType,
    TypeRef,
};

use super::SurgeryError;

pub fn module_type(core: &[u8]) -> Result<ModuleType, SurgeryError> {
    let spaces = IndexSpaces::read(core)?;
    let mut writer = Writer {
        spaces: &spaces,
        written: HashMap::new(),
        module: ModuleType::new(),
    };
    for (module, name, ty) in &spaces.imports {
        let ty = match *ty {
            TypeRef::Func(index) => writer.function(index)?,
            TypeRef::Memory(memory) => EntityType::Memory(RoundtripReencoder.memory_type(memory)?),
            TypeRef::Table(table) => EntityType::Table(RoundtripReencoder.table_type(table)?),
            other => {
                return Err(SurgeryError::Unexpected(format!(
                    "import `{module}.{name}` of type {other:?}"
                )));
            }
        };
        writer.module.import(module, name, ty);
    }
    for (name, kind, index) in &spaces.exports {
        let ty = writer.export(name, *kind, *index as usize)?;
        writer.module.export(name, ty);
    }
    Ok(writer.module)
}

/// The module's index spaces: imports first, then definitions.
#[derive(Default)]
struct IndexSpaces {
    types: Vec<FuncType>,
    functions: Vec<u32>,
    memories: Vec<MemoryType>,
    tables: Vec<TableType>,
    globals: Vec<GlobalType>,
    imports: Vec<(String, String, TypeRef)>,
    exports: Vec<(String, ExternalKind, u32)>,
}

impl IndexSpaces {
    fn read(core: &[u8]) -> Result<Self, SurgeryError> {
        let mut spaces = Self::default();
        for payload in Parser::new(0).parse_all(core) {
            spaces.add(payload?)?;
        }
        Ok(spaces)
    }

    fn add(&mut self, payload: Payload<'_>) -> Result<(), SurgeryError> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        let CompositeInnerType::Func(function) = ty.composite_type.inner else {
                            return Err(SurgeryError::Unexpected(
                                "a type that is not a function".into(),
                            ));
                        };
                        self.types.push(function);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(ty) => self.functions.push(ty),
                        TypeRef::Memory(memory) => self.memories.push(memory),
                        TypeRef::Table(table) => self.tables.push(table),
                        _ => {}
                    }
                    self.imports
                        .push((import.module.into(), import.name.into(), import.ty));
                }
            }
            Payload::FunctionSection(section) => self
                .functions
                .extend(section.into_iter().collect::<Result<Vec<_>, _>>()?),
            Payload::MemorySection(section) => self
                .memories
                .extend(section.into_iter().collect::<Result<Vec<_>, _>>()?),
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports
                        .push((export.name.into(), export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

struct Writer<'a> {
    spaces: &'a IndexSpaces,
    /// Function types written already: index in the module to index in the module type.
    written: HashMap<u32, u32>,
    module: ModuleType,
}

impl Writer<'_> {
    fn function(&mut self, ty: u32) -> Result<EntityType, SurgeryError> {
        if let Some(&index) = self.written.get(&ty) {
            return Ok(EntityType::Function(index));
        }
        let function = RoundtripReencoder
            .func_type(found(self.spaces.types.get(ty as usize), "type")?.clone())?;
        let index = self.module.type_count();
        self.module.ty().function(
            function.params().iter().copied(),
            function.results().iter().copied(),
        );
        self.written.insert(ty, index);
        Ok(EntityType::Function(index))
    }

    fn export(
        &mut self,
        name: &str,
        kind: ExternalKind,
        index: usize,
    ) -> Result<EntityType, SurgeryError> {
        let spaces = self.spaces;
        Ok(match kind {
            ExternalKind::Func => self.function(*found(spaces.functions.get(index), name)?)?,
            ExternalKind::Memory => EntityType::Memory(
                RoundtripReencoder.memory_type(*found(spaces.memories.get(index), name)?)?,
            ),
            ExternalKind::Table => EntityType::Table(
                RoundtripReencoder.table_type(*found(spaces.tables.get(index), name)?)?,
            ),
            ExternalKind::Global => EntityType::Global(
                RoundtripReencoder.global_type(*found(spaces.globals.get(index), name)?)?,
            ),
            other => {
                return Err(SurgeryError::Unexpected(format!(
                    "export `{name}` of kind {other:?}"
                )));
            }
        })
    }
}

fn found<'a, T>(item: Option<&'a T>, name: &str) -> Result<&'a T, SurgeryError> {
    item.ok_or_else(|| {
        SurgeryError::Unexpected(format!("`{name}` names an index that does not exist"))
    })
}
