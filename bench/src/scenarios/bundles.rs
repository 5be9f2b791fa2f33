//! Workers that are made for a measurement: large ones, and many that differ.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use ouro_build::Contents;
use ouro_core::ports::builder::EngineKind;

use super::{component, worker};

pub const MEDIUM: usize = 475_000;
pub const LARGE: usize = 3_000_000;

/// What the bundle of bench/workers/app.ts has.
const APP_BYTES: usize = 115_000;

/// The entry of the Hono + zod application with so much more code beside it. Each number gives another worker.
pub fn app_of_size(folder: &Path, bytes: usize, number: usize) -> Result<PathBuf> {
    let app = worker("app.ts");
    let mut source = format!(
        "import app from {app:?};\nconst number = {number};\napp.get(\"/number\", (c) => c.text(String(number)));\nconst more = {{\n"
    );
    let mut count = 0;
    while source.len() + APP_BYTES < bytes {
        write!(source, "{}", function(count))?;
        count += 1;
    }
    source.push_str(
        "};\napp.get(\"/more/:name\", (c) => c.json(more[c.req.param(\"name\")](c.req.query())));\nexport default app;\n",
    );
    let entry = folder.join(format!("app-{bytes}-{number}.js"));
    std::fs::write(&entry, source)?;
    Ok(entry)
}

/// Some 400 bytes of code that differs from function to function, as minified code is.
fn function(number: usize) -> String {
    format!(
        r#"f{number}(o){{let e=[],t=o.field_{number}??"default-{number}";if(typeof t!="string"||t.length>{number})e.push({{path:"field_{number}",message:`expected at most {number}, got ${{t.length}}`}});for(let[n,r]of Object.entries(o))n.startsWith("x{number}-")&&e.push({{path:n,value:r,code:"unrecognized_{number}"}});return e.length>0?{{success:!1,issues:e}}:{{success:!0,data:{{...o,field_{number}:t.trim().toLowerCase()}},kind:{number}}}}},
"#
    )
}

/// They stand nowhere else in a bundle or an engine's memory.
const DIGITS: &str = "8046317";

/// A hello worker of which any number of different components can be made without building each: what is built has digits
/// in its bundle and in its memory, and others take their place.
pub struct Numbered {
    snapshot: Bytes,
    /// Where the snapshot has the digits.
    places: Vec<usize>,
    bundle: String,
    source_map: Vec<u8>,
}

impl Numbered {
    pub fn build() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let entry = folder.path().join("numbered.js");
        std::fs::write(
            &entry,
            format!(
                "export default {{ fetch() {{ return new Response(\"hello from {DIGITS}\\n\"); }} }};\n"
            ),
        )?;
        let Contents::Worker(worker) = ouro_build::unpack(&component(&entry)?)? else {
            bail!("a build made something else than a worker");
        };
        let is_digits = |at: &usize| worker.snapshot[*at..].starts_with(DIGITS.as_bytes());
        let places: Vec<_> = (0..worker.snapshot.len()).filter(is_digits).collect();
        ensure!(!places.is_empty(), "the snapshot does not have the digits");
        Ok(Self {
            bundle: worker.bundle()?,
            source_map: worker.source_map()?.unwrap_or_default(),
            snapshot: worker.snapshot,
            places,
        })
    }

    pub fn component(&self, number: usize) -> Result<Vec<u8>> {
        let digits = format!("{number:0width$}", width = DIGITS.len());
        let mut snapshot = self.snapshot.to_vec();
        for at in &self.places {
            snapshot[*at..*at + DIGITS.len()].copy_from_slice(digits.as_bytes());
        }
        let bundle = self.bundle.replace(DIGITS, &digits);
        Ok(ouro_build::pack(
            EngineKind::Worker,
            &snapshot,
            &bundle,
            &self.source_map,
            &[],
        )?)
    }
}
