//! Turns the engine as an ordinary component into the skeleton: one that imports the engine and takes its memory from a snapshot.
//!
//! In front of everything else stand the snapshot, the engine in its shared form, and an instance of the snapshot; every index moves
//! accordingly. One of the two modules is imported: the snapshot in the component that all workers of a host share, the engine where a
//! worker is written to a file. An engine that is nested starts faster than one that is imported, whose imports are matched by their names
//! for each instance.

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Component, ComponentImportSection, ComponentSectionId, ComponentTypeRef, CoreTypeSection,
    EntityType, InstanceSection, ModuleArg, ModuleType, RawSection,
};
use wasmparser::{Instance, InstanceSectionReader, InstantiationArgKind, Parser, Payload};

use super::direct_imports::direct_imports;
use super::memory_image::memory_type;
use super::shared_engine::MEMORY_IMPORT;
use super::{SurgeryError, module_type};

/// Where the snapshot of a skeleton comes from.
#[derive(Clone, Copy)]
pub enum SnapshotSlot<'a> {
    /// The core module `snapshot` is imported, the engine nested: the generic component that all workers share.
    Imported,
    /// This module is the first one nested in the component, and `engine` is imported: a worker's file.
    Nested(&'a [u8]),
}

/// Core modules come in this order: the snapshot, the engine, then the small ones that `wit-component` makes.
const SNAPSHOT_MODULE: u32 = 0;
pub const ENGINE_MODULE: u32 = 1;
/// The first core instance is that of the snapshot.
pub const SNAPSHOT_INSTANCE: u32 = 0;

/// `component` is the engine as `wit-component` encodes it, `engine` its shared form, `pages` what its memory has at least.
pub fn skeleton(
    component: &[u8],
    engine: &[u8],
    pages: u64,
    slot: SnapshotSlot<'_>,
) -> Result<Vec<u8>, SurgeryError> {
    let mut out = Component::new();
    write_front(&mut out, engine, pages, slot)?;
    let mut pass = Split {
        engine_at: largest_module(component)?,
        modules_seen: 0,
    };
    pass.parse_component(&mut out, Parser::new(0), component)?;
    direct_imports(&out.finish())
}

fn write_front(
    out: &mut Component,
    engine: &[u8],
    pages: u64,
    slot: SnapshotSlot<'_>,
) -> Result<(), SurgeryError> {
    let mut snapshot = ModuleType::new();
    snapshot.export("memory", EntityType::Memory(memory_type(pages)));
    match slot {
        SnapshotSlot::Imported => {
            import_module(out, "snapshot", &snapshot);
            nest_module(out, engine);
        }
        SnapshotSlot::Nested(module) => {
            nest_module(out, module);
            import_module(out, "engine", &module_type(engine)?);
        }
    }
    let mut instances = InstanceSection::new();
    instances.instantiate(SNAPSHOT_MODULE, std::iter::empty::<(&str, ModuleArg)>());
    out.section(&instances);
    Ok(())
}

/// The type that this adds is the component's first.
fn import_module(out: &mut Component, name: &str, ty: &ModuleType) {
    let mut types = CoreTypeSection::new();
    types.ty().module(ty);
    out.section(&types);
    let mut imports = ComponentImportSection::new();
    imports.import(name, ComponentTypeRef::Module(0));
    out.section(&imports);
}

fn nest_module(out: &mut Component, module: &[u8]) {
    out.section(&RawSection {
        id: ComponentSectionId::CoreModule as u8,
        data: module,
    });
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
            nest_module(out, module);
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
