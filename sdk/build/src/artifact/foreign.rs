//! Components of another origin: are they valid, and what do they import and export?

use wasmparser::{Parser, Payload, Validator};

use super::{ArtifactError, Contents};

pub fn read(component: &[u8]) -> Result<Contents, ArtifactError> {
    let invalid =
        |error: wasmparser::BinaryReaderError| ArtifactError::NotAComponent(error.to_string());
    Validator::new().validate_all(component).map_err(invalid)?;
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(invalid)? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import.map_err(invalid)?.name.name.to_string());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export.map_err(invalid)?.name.name.to_string());
                }
            }
            _ => {}
        }
    }
    Ok(Contents::Foreign { imports, exports })
}
