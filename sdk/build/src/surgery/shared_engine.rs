//! Takes the memory out of the engine: its shared form imports the memory as `env.memory` and has no contents of its own. It also puts its
//! allocator into a table of one function, for those that call it before it is there (`direct_imports`).

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    ConstExpr, DataSection, ElementSection, Elements, EntityType, ImportSection, MemorySection,
    Module,
};
use wasmparser::{
    DataKind, DataSectionReader, ElementSectionReader, ExternalKind, ImportSectionReader,
    MemorySectionReader, Operator, Parser, Payload,
};

use super::direct_imports::{ALLOCATOR, TABLE_IMPORT, table_type};
use super::memory_image::memory_type;
use super::{MemoryImage, SurgeryError};

pub const MEMORY_IMPORT: (&str, &str) = ("env", "memory");

/// What the engine's own binary says of its memory.
pub struct EngineMemory {
    /// The contents before anything ran.
    pub image: MemoryImage,
    /// Initial value of the stack pointer. The stack lies below it, at the bottom of the memory, and is dead between calls.
    pub stack_top: u32,
}

/// Reads the initial memory and the stack's place from the engine.
///
/// # Errors
/// The engine has another mutable global than the stack pointer: state that a memory image would not hold.
pub fn engine_memory(core: &[u8]) -> Result<EngineMemory, SurgeryError> {
    let mut image = MemoryImage {
        pages: 0,
        segments: Vec::new(),
    };
    let mut mutable_globals = Vec::new();
    for payload in Parser::new(0).parse_all(core) {
        match payload? {
            Payload::StartSection { .. } => return Err(unexpected("a start section")),
            Payload::MemorySection(section) => image.pages = only_memory(section)?,
            Payload::DataSection(section) => image.segments = active_segments(section)?,
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    if global.ty.mutable {
                        mutable_globals.push(constant(&global.init_expr)?);
                    }
                }
            }
            _ => {}
        }
    }
    match mutable_globals[..] {
        [stack_top] => Ok(EngineMemory { image, stack_top }),
        _ => Err(unexpected(format!(
            "{} mutable globals where there is one stack pointer",
            mutable_globals.len()
        ))),
    }
}

/// The engine with its memory imported; `pages` is the least that it needs.
pub fn shared_engine(core: &[u8], pages: u64) -> Result<Vec<u8>, SurgeryError> {
    let mut module = Module::new();
    let mut pass = Share {
        pages,
        allocator: allocator(core)?,
    };
    pass.parse_core_module(&mut module, Parser::new(0), core)?;
    Ok(module.finish())
}

/// The index of the engine's allocator.
fn allocator(core: &[u8]) -> Result<u32, SurgeryError> {
    for payload in Parser::new(0).parse_all(core) {
        if let Payload::ExportSection(section) = payload? {
            for export in section {
                let export = export?;
                if export.name == ALLOCATOR && export.kind == ExternalKind::Func {
                    return Ok(export.index);
                }
            }
        }
    }
    Err(unexpected(format!("no export `{ALLOCATOR}`")))
}

struct Share {
    pages: u64,
    allocator: u32,
}

impl Reencode for Share {
    type Error = std::convert::Infallible;

    /// The imported table comes first.
    fn table_index(&mut self, table: u32) -> Result<u32, reencode::Error> {
        Ok(table + 1)
    }

    /// The imported table is filled last: what stands behind it wasmtime does not prepare when it compiles.
    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        section: ElementSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_element_section(self, elements, section)?;
        let allocator = Elements::Functions(vec![self.allocator].into());
        elements.active(None, &ConstExpr::i32_const(0), allocator);
        Ok(())
    }

    /// There is no other memory, so the import's index, 0, is the one that the code uses already.
    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_import_section(self, imports, section)?;
        imports.import(
            MEMORY_IMPORT.0,
            MEMORY_IMPORT.1,
            EntityType::Memory(memory_type(self.pages)),
        );
        imports.import(
            TABLE_IMPORT.0,
            TABLE_IMPORT.1,
            EntityType::Table(table_type()),
        );
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        _: &mut MemorySection,
        _: MemorySectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }

    fn parse_data_section(
        &mut self,
        _: &mut DataSection,
        _: DataSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }

    fn data_count(&mut self, _: u32) -> Result<u32, reencode::Error> {
        Ok(0)
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }
}

fn only_memory(section: MemorySectionReader<'_>) -> Result<u64, SurgeryError> {
    let memories = section.into_iter().collect::<Result<Vec<_>, _>>()?;
    match memories[..] {
        [memory] => Ok(memory.initial),
        _ => Err(unexpected(format!("{} memories", memories.len()))),
    }
}

fn active_segments(section: DataSectionReader<'_>) -> Result<Vec<(u32, Vec<u8>)>, SurgeryError> {
    let mut segments = Vec::new();
    for segment in section {
        let segment = segment?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = segment.kind
        else {
            return Err(unexpected("a passive data segment"));
        };
        segments.push((constant(&offset_expr)?, segment.data.to_vec()));
    }
    Ok(segments)
}

/// The value of an `i32.const` expression.
pub fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u32, SurgeryError> {
    let mut operators = expression.get_operators_reader();
    match (operators.read()?, operators.read()?) {
        (Operator::I32Const { value }, Operator::End) => Ok(value.cast_unsigned()),
        _ => Err(unexpected("an initial value that is not a constant")),
    }
}

fn unexpected(what: impl Into<String>) -> SurgeryError {
    SurgeryError::Unexpected(what.into())
}
