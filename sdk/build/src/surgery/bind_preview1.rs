//! Binds what is left of WASI preview 1 to the engine's own definitions.
//!
//! The engine exports `__imported_wasi_snapshot_preview1_<name>` for each function; Rust's standard library still imports some of them
//! under names that the linker cannot redirect. Imports become calls of those exports, and both disappear.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CustomSection, ExportSection, ImportSection, Module};
use wasmparser::{
    CustomSectionReader, ExportSectionReader, ImportSectionReader, Parser, Payload, TypeRef,
};

use super::SurgeryError;

const PREVIEW1: &str = "wasi_snapshot_preview1";
const DEFINITION: &str = "__imported_wasi_snapshot_preview1_";

/// # Errors
/// An import for which the engine exports no definition is named.
pub fn bind_preview1(core: &[u8]) -> Result<Vec<u8>, SurgeryError> {
    let mut pass = Bind {
        imports: imports_after_binding(core)?,
    };
    let mut module = Module::new();
    pass.parse_core_module(&mut module, Parser::new(0), core)?;
    Ok(module.finish())
}

/// What becomes of an imported function.
enum Import {
    /// It stays, at this index.
    Kept(u32),
    /// It is replaced by the function that has this index in the input.
    Bound(u32),
}

fn imports_after_binding(core: &[u8]) -> Result<Vec<Import>, SurgeryError> {
    let mut imports = Vec::new();
    let mut definitions = HashMap::new();
    for payload in Parser::new(0).parse_all(core) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(_) = import.ty {
                        imports.push((import.module, import.name));
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if let Some(name) = export.name.strip_prefix(DEFINITION) {
                        definitions.insert(name, export.index);
                    }
                }
            }
            _ => {}
        }
    }
    let count = imports.len();
    let mut kept = 0;
    let bind = |(module, name): (&str, &str)| {
        if module != PREVIEW1 {
            kept += 1;
            return Ok(Import::Kept(kept - 1));
        }
        match definitions.get(name) {
            Some(&index) if index as usize >= count => Ok(Import::Bound(index)),
            _ => Err(SurgeryError::Unexpected(format!(
                "import `{PREVIEW1}.{name}`, which the engine does not define"
            ))),
        }
    };
    imports.into_iter().map(bind).collect()
}

struct Bind {
    imports: Vec<Import>,
}

impl Bind {
    fn bound(&self) -> u32 {
        self.imports
            .iter()
            .filter(|import| matches!(import, Import::Bound(_)))
            .count() as u32
    }
}

impl Reencode for Bind {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        Ok(match self.imports.get(index as usize) {
            Some(Import::Kept(index)) => *index,
            Some(Import::Bound(definition)) => definition - self.bound(),
            None => index - self.bound(),
        })
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for import in section.into_imports() {
            let import = import?;
            if import.module != PREVIEW1 {
                imports.import(import.module, import.name, self.entity_type(import.ty)?);
            }
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for export in section {
            let export = export?;
            if !export.name.starts_with(DEFINITION) {
                self.parse_export(exports, export)?;
            }
        }
        Ok(())
    }

    /// Names and debugging data would point to the old indices; the component's type stays, for `wit-component`.
    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        if section.name().starts_with("component-type") {
            module.section(&CustomSection {
                name: section.name().into(),
                data: section.data().into(),
            });
        }
        Ok(())
    }
}
