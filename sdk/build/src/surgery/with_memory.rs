//! Replaces a module's memory contents by an image, as Wizer does. Everything else stays as it is.

use wasm_encoder::{Module, RawSection, SectionId};
use wasmparser::Parser;

use super::{MemoryImage, SurgeryError};

pub fn with_memory(core: &[u8], image: &MemoryImage) -> Result<Vec<u8>, SurgeryError> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(core) {
        let Some((id, range)) = payload?.as_section() else {
            continue;
        };
        if id == SectionId::Memory as u8 {
            module.section(&image.memory_section());
        } else if id == SectionId::Data as u8 {
            module.section(&image.data_section());
        } else if id != SectionId::DataCount as u8 {
            module.section(&RawSection {
                id,
                data: &core[range.start as usize..range.end as usize],
            });
        }
    }
    Ok(module.finish())
}
