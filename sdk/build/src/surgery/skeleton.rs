//! Turns the engine as an ordinary component into the skeleton: one that imports the engine and takes its memory from a snapshot.
//!
//! The engine's module becomes the import `engine`. In front of everything else stand the snapshot (imported, or nested where a
//! worker is written to a file), the import of the engine, and an instance of the snapshot; every index moves accordingly.

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Component, ComponentImportSection, ComponentSectionId, ComponentTypeRef, CoreTypeSection,
    EntityType, InstanceSection, ModuleArg, ModuleType, RawSection,
};
use wasmparser::{Instance, InstanceSectionReader, InstantiationArgKind, Parser, Payload};

use super::memory_image::memory_type;
use super::shared_engine::MEMORY_IMPORT;
use super::{SurgeryError, module_type};

/// Where the snapshot of a skeleton comes from.
#[derive(Clone, Copy)]
pub enum SnapshotSlot<'a> {
    /// The core module `snapshot` is imported: the generic component that all workers share.
    Imported,
    /// This module is the first one nested in the component: a worker's file.
    Nested(&'a [u8]),
}

/// Core modules come in this order: the snapshot, the engine, then the small ones that `wit-component` makes.
const SNAPSHOT_MODULE: u32 = 0;
const ENGINE_MODULE: u32 = 1;
/// The first core instance is that of the snapshot.
const SNAPSHOT_INSTANCE: u32 = 0;

/// `component` is the engine as `wit-component` encodes it, `engine` its shared form, `pages` what its memory has at least.
pub fn skeleton(
    component: &[u8],
    engine: &[u8],
    pages: u64,
    slot: SnapshotSlot<'_>,
) -> Result<Vec<u8>, SurgeryError> {
    let mut out = Component::new();
    write_front(&mut out, &module_type(engine)?, pages, slot);
    let mut pass = Split {
        engine_at: largest_module(component)?,
        modules_seen: 0,
    };
    pass.parse_component(&mut out, Parser::new(0), component)?;
    Ok(out.finish())
}

fn write_front(out: &mut Component, engine: &ModuleType, pages: u64, slot: SnapshotSlot<'_>) {
    let mut snapshot = ModuleType::new();
    snapshot.export("memory", EntityType::Memory(memory_type(pages)));
    let mut types = CoreTypeSection::new();
    types.ty().module(&snapshot);
    types.ty().module(engine);
    out.section(&types);
    if let SnapshotSlot::Nested(module) = slot {
        out.section(&RawSection {
            id: ComponentSectionId::CoreModule as u8,
            data: module,
        });
    }
    let mut imports = ComponentImportSection::new();
    if let SnapshotSlot::Imported = slot {
        imports.import("snapshot", ComponentTypeRef::Module(0));
    }
    imports.import("engine", ComponentTypeRef::Module(1));
    out.section(&imports);
    let mut instances = InstanceSection::new();
    instances.instantiate(SNAPSHOT_MODULE, std::iter::empty::<(&str, ModuleArg)>());
    out.section(&instances);
}

/// The engine is by far the largest of the core modules.
fn largest_module(component: &[u8]) -> Result<u32, SurgeryError> {
    let mut sizes = Vec::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ModuleSection {
                unchecked_range, ..
            } if depth == 1 => sizes.push(unchecked_range.end - unchecked_range.start),
            Payload::CoreTypeSection(_) if depth == 1 => {
                return Err(SurgeryError::Unexpected("core types in the engine".into()));
            }
            _ => {}
        }
    }
    let largest = sizes.iter().enumerate().max_by_key(|(_, size)| **size);
    largest
        .map(|(at, _)| at as u32)
        .ok_or_else(|| SurgeryError::Unexpected("no core module in the engine".into()))
}

struct Split {
    engine_at: u32,
    modules_seen: u32,
}

impl Reencode for Split {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Split {
    fn module_index(&mut self, index: u32) -> u32 {
        match index.cmp(&self.engine_at) {
            std::cmp::Ordering::Less => index + 2,
            std::cmp::Ordering::Equal => ENGINE_MODULE,
            std::cmp::Ordering::Greater => index + 1,
        }
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        index + 1
    }

    fn parse_component_submodule(
        &mut self,
        out: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), reencode::Error> {
        if self.modules_seen != self.engine_at {
            out.section(&RawSection {
                id: ComponentSectionId::CoreModule as u8,
                data: module,
            });
        }
        self.modules_seen += 1;
        Ok(())
    }

    /// Nested components have index spaces of their own, which do not move.
    fn parse_component_subcomponent(
        &mut self,
        out: &mut Component,
        _: Parser,
        nested: &[u8],
        _: &[u8],
    ) -> Result<(), reencode::Error> {
        out.section(&RawSection {
            id: ComponentSectionId::Component as u8,
            data: nested,
        });
        Ok(())
    }

    fn parse_instance_section(
        &mut self,
        out: &mut InstanceSection,
        section: InstanceSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for instance in section {
            match instance? {
                Instance::Instantiate { module_index, args } if module_index == self.engine_at => {
                    let mut moved = Vec::new();
                    for arg in &args {
                        let InstantiationArgKind::Instance = arg.kind;
                        moved.push((
                            arg.name,
                            ModuleArg::Instance(self.instance_index(arg.index)),
                        ));
                    }
                    moved.push((MEMORY_IMPORT.0, ModuleArg::Instance(SNAPSHOT_INSTANCE)));
                    out.instantiate(ENGINE_MODULE, moved);
                }
                other => component_utils::parse_instance(self, out, other)?,
            }
        }
        Ok(())
    }

    fn parse_component_custom_section(
        &mut self,
        _: &mut Component,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }
}
