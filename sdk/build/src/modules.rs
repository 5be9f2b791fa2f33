//! Modules that Ouro provides to workers, such as `node:buffer` and `cloudflare:workers`: a table from specifiers to source text.
//!
//! `npm run build` in `sdk/js` bundles each module of `sdk/js/src/modules` and packs the files. A worker's bundle takes in those that it
//! imports, and nothing else of them is left after the build: they see the engine through the import `ouro:internal` alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use flate2::read::ZlibDecoder;
use serde::Deserialize;

use crate::error::BuildError;

/// The packed files: zlib over the JSON of [`Modules`].
const PACKED: &[u8] = include_bytes!("../../js/dist/modules.json.zz");

#[derive(Debug, Deserialize)]
pub struct Modules {
    /// From specifiers, those of Node.js with their prefix, to files.
    specifiers: BTreeMap<String, String>,
    /// From names, which files import each other by, to ES modules.
    files: BTreeMap<String, String>,
}

impl Modules {
    /// The table, unpacked once per process.
    ///
    /// # Errors
    /// What was built into this library is not of the expected form.
    pub fn get() -> Result<&'static Self, BuildError> {
        static MODULES: OnceLock<Result<Modules, String>> = OnceLock::new();
        let modules = MODULES.get_or_init(|| {
            packed()
                .and_then(|packed| unpack(&packed))
                .map_err(|error| format!("the provided modules: {error}"))
        });
        modules
            .as_ref()
            .map_err(|error| BuildError::Internal(error.clone()))
    }

    /// The file of a specifier.
    pub fn find(&self, specifier: &str) -> Option<&str> {
        self.specifiers.get(specifier).map(String::as_str)
    }

    /// The source text of a file.
    pub fn source(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(String::as_str)
    }
}

/// What this library carries; a development build takes it from the folder that `ENGINE_DIR` names, as it does the engine.
fn packed() -> std::io::Result<Cow<'static, [u8]>> {
    if cfg!(debug_assertions)
        && let Some(folder) = std::env::var_os("ENGINE_DIR")
    {
        let file = Path::new(&folder).join("modules.json.zz");
        if file.exists() {
            return Ok(std::fs::read(file)?.into());
        }
    }
    Ok(PACKED.into())
}

fn unpack(packed: &[u8]) -> std::io::Result<Modules> {
    let mut json = String::new();
    ZlibDecoder::new(packed).read_to_string(&mut json)?;
    Ok(serde_json::from_str(&json)?)
}
