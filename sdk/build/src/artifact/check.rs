//! Is a module a snapshot: one memory, its contents and nothing that runs?
//!
//! The host maps a snapshot's memory and lets the engine work on it. A module with code, imports or a start function would run
//! a customer's WebAssembly where only data is expected.

use wasmparser::{
    DataKind, DataSectionReader, ExportSectionReader, ExternalKind, MemorySectionReader,
    MemoryType, Parser, Payload, Validator,
};

use crate::guest::MEMORY_BYTES_MAX;
use crate::surgery::{PAGE_BYTES, constant};

/// The memory of a module that is a snapshot: its size, and its segments with their places.
///
/// # Errors
/// What is wrong, in words.
pub fn snapshot_contents(module: &[u8]) -> Result<(usize, Segments<'_>), String> {
    let mut memory = None;
    let mut exported = false;
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(|error| error.to_string())? {
            Payload::Version { .. } | Payload::End(_) => {}
            Payload::MemorySection(section) => memory = Some(only_memory(section)?),
            Payload::ExportSection(section) => exported = exports_memory_alone(section)?,
            Payload::DataSection(section) => {
                segments = data(section, memory.ok_or("data without a memory")?)?
            }
            Payload::CustomSection(section) => {
                return Err(format!("it has a custom section `{}`", section.name()));
            }
            other => return Err(format!("it has {}", describe(&other))),
        }
    }
    // The validator makes room for as many items as a section declares, so it comes after what refuses most of them.
    Validator::new()
        .validate_all(module)
        .map_err(|error| error.to_string())?;
    match (memory, exported) {
        (Some(memory), true) => Ok((memory.initial as usize * PAGE_BYTES, segments)),
        _ => Err("it does not export one memory as `memory`".into()),
    }
}

fn only_memory(section: MemorySectionReader<'_>) -> Result<MemoryType, String> {
    let memories = section
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    let [memory] = memories[..] else {
        return Err(format!("it has {} memories", memories.len()));
    };
    if memory.memory64
        || memory.shared
        || memory.page_size_log2.is_some()
        || memory.maximum.is_some()
    {
        return Err("its memory is not a plain 32-bit memory without a maximum".into());
    }
    let pages_max = (MEMORY_BYTES_MAX / PAGE_BYTES) as u64;
    if memory.initial > pages_max {
        return Err(format!(
            "its memory has {} pages of 64 KiB; the limit is {pages_max}",
            memory.initial
        ));
    }
    Ok(memory)
}

fn exports_memory_alone(section: ExportSectionReader<'_>) -> Result<bool, String> {
    let exports = section
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    match &exports[..] {
        [export] if export.name == "memory" && export.kind == ExternalKind::Memory => Ok(true),
        _ => Err("it exports something other than `memory`".into()),
    }
}

type Segments<'a> = Vec<(usize, &'a [u8])>;

fn data<'a>(section: DataSectionReader<'a>, memory: MemoryType) -> Result<Segments<'a>, String> {
    let end = memory.initial * PAGE_BYTES as u64;
    let mut segments = Vec::new();
    for segment in section {
        let segment = segment.map_err(|error| error.to_string())?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = segment.kind
        else {
            return Err("it has a passive data segment".into());
        };
        let offset = constant(&offset_expr).map_err(|error| error.to_string())?;
        if u64::from(offset) + segment.data.len() as u64 > end {
            return Err(format!(
                "a data segment of {} bytes at {offset} ends outside its memory of {end} bytes",
                segment.data.len()
            ));
        }
        segments.push((offset as usize, segment.data));
    }
    Ok(segments)
}

fn describe(payload: &Payload<'_>) -> &'static str {
    match payload {
        Payload::TypeSection(_)
        | Payload::FunctionSection(_)
        | Payload::CodeSectionStart { .. }
        | Payload::CodeSectionEntry(_) => "code",
        Payload::ImportSection(_) => "imports",
        Payload::StartSection { .. } => "a start function",
        Payload::TableSection(_) | Payload::ElementSection(_) => "tables",
        Payload::GlobalSection(_) => "globals",
        _ => "a section that a snapshot has not",
    }
}
