//! The file of a worker: a component with the snapshot inside and the bundle that it was made of.
//!
//! In this order: custom section `ouro:worker` (JSON), the snapshot as the first nested core module, the skeleton around it, which
//! imports the core module `engine`, then the custom sections `ouro:source-map` and `ouro:bundle` (both zlib).
//! The bundle is the canonical part and comes last, so that a file that was cut off is noticed.

mod check;
mod foreign;
mod read;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;
use serde::{Deserialize, Serialize};
use wasm_encoder::{ComponentSection as _, CustomSection};

pub use check::snapshot_contents;
pub use read::{ArtifactError, Contents, Worker, read};

use crate::engine::{Engine, FORMAT, Variant};
use crate::error::BuildError;
use crate::snapshot::Base;
use crate::surgery::SnapshotSlot;
use crate::warm_up::WarmUp;

const WORKER_SECTION: &str = "ouro:worker";
const SOURCE_MAP_SECTION: &str = "ouro:source-map";
const BUNDLE_SECTION: &str = "ouro:bundle";

/// Length of a component's magic number and version.
const HEADER_BYTES: usize = 8;

/// The section `ouro:worker`.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    engine: Digest,
    /// What the snapshot differs from. Format 1 has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Digest>,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warm_up: Vec<WarmUp>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Worker,
    Management,
}

impl From<EngineKind> for Kind {
    fn from(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Worker => Self::Worker,
            EngineKind::Management => Self::Management,
        }
    }
}

impl From<Kind> for EngineKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Worker => Self::Worker,
            Kind::Management => Self::Management,
        }
    }
}

/// Writes the component of a worker. The source map may be empty.
///
/// # Errors
/// The engine that is built into this library is not of the expected form.
pub fn pack(
    kind: EngineKind,
    snapshot: &[u8],
    bundle: &str,
    source_map: &[u8],
    warm_up: &[WarmUp],
) -> Result<Vec<u8>, BuildError> {
    let variant = Variant::from(kind);
    let engine = Engine::get(variant)?;
    let manifest = Manifest {
        format: FORMAT,
        engine: engine.digest,
        base: Some(Base::get(variant)?.digest),
        kind: kind.into(),
        warm_up: warm_up.to_vec(),
    };
    let manifest = serde_json::to_vec(&manifest).map_err(BuildError::internal)?;
    let skeleton = engine.skeleton(SnapshotSlot::Nested(snapshot))?;
    let (header, sections) = skeleton.split_at(HEADER_BYTES);
    let mut component = header.to_vec();
    append_section(&mut component, WORKER_SECTION, &manifest);
    component.extend_from_slice(sections);
    if !source_map.is_empty() {
        append_section(&mut component, SOURCE_MAP_SECTION, &deflate(source_map)?);
    }
    append_section(&mut component, BUNDLE_SECTION, &deflate(bundle.as_bytes())?);
    Ok(component)
}

fn append_section(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    CustomSection {
        name: name.into(),
        data: data.into(),
    }
    .append_to_component(component);
}

fn deflate(data: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .map_err(BuildError::internal)
}
