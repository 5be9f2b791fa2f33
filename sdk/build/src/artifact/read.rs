//! Takes a component apart. Its bytes may be hostile: what is expanded is limited, what is run is checked, nothing is trusted.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::ZlibDecoder;
use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;
use wasmparser::{Encoding, Parser, Payload};

use super::{BUNDLE_SECTION, Manifest, SOURCE_MAP_SECTION, WORKER_SECTION, foreign};
use crate::engine::FORMAT;
use crate::warm_up::{self, WarmUp};

/// A bundle or a source map, expanded.
pub const EXPANDED_BYTES_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("{0}")]
    NotAComponent(String),
    #[error("the section `{section}` is damaged: {reason}")]
    DamagedSection {
        section: &'static str,
        reason: String,
    },
    #[error("the section `{section}` expands to more than {} MiB", EXPANDED_BYTES_MAX >> 20)]
    TooLarge { section: &'static str },
    #[error("`{0}` is missing; is the file cut off?")]
    Missing(&'static str),
    #[error("the format of the worker is {0}, this build reads up to {FORMAT}")]
    UnknownFormat(u32),
    #[error("the snapshot is not acceptable: {0}")]
    BadSnapshot(String),
}

/// What a component is.
pub enum Contents {
    /// Made by `ouro build`.
    Worker(Worker),
    /// Valid, and of another origin; names of its imports and exports.
    Foreign {
        imports: Vec<String>,
        exports: Vec<String>,
    },
}

pub struct Worker {
    pub engine: Digest,
    /// What the snapshot differs from.
    pub base: Option<Digest>,
    pub kind: EngineKind,
    /// A module that `snapshot_contents` is to check.
    pub snapshot: Bytes,
    /// What the snapshot was warmed up with.
    pub warm_up: Vec<WarmUp>,
    bundle: Vec<u8>,
    source_map: Option<Vec<u8>>,
}

impl Worker {
    /// # Errors
    /// The section is damaged or too large, or its text is not UTF-8.
    pub fn bundle(&self) -> Result<String, ArtifactError> {
        let bundle = inflate(BUNDLE_SECTION, &self.bundle)?;
        String::from_utf8(bundle).map_err(|error| damaged(BUNDLE_SECTION, error))
    }

    /// # Errors
    /// The section is damaged or too large.
    pub fn source_map(&self) -> Result<Option<Vec<u8>>, ArtifactError> {
        self.source_map
            .as_deref()
            .map(|section| inflate(SOURCE_MAP_SECTION, section))
            .transpose()
    }
}

/// Reads a component of any origin.
///
/// # Errors
/// The bytes are not a valid component, or one of a worker that is damaged.
pub fn read(component: &[u8]) -> Result<Contents, ArtifactError> {
    let sections = Sections::read(component)?;
    let Some(manifest) = sections.worker else {
        return foreign::read(component);
    };
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|error| damaged(WORKER_SECTION, error))?;
    // Its engine is another one, so a snapshot of format 1 is only read for the bundle beside it.
    if !(1..=FORMAT).contains(&manifest.format) {
        return Err(ArtifactError::UnknownFormat(manifest.format));
    }
    warm_up::check(&manifest.warm_up).map_err(|error| damaged(WORKER_SECTION, error))?;
    let bundle = sections
        .bundle
        .ok_or(ArtifactError::Missing(BUNDLE_SECTION))?;
    let snapshot = sections
        .first_module
        .ok_or(ArtifactError::Missing("snapshot"))?;
    Ok(Contents::Worker(Worker {
        engine: manifest.engine,
        base: manifest.base,
        kind: manifest.kind.into(),
        snapshot: Bytes::copy_from_slice(snapshot),
        warm_up: manifest.warm_up,
        bundle: bundle.to_vec(),
        source_map: sections.source_map.map(<[u8]>::to_vec),
    }))
}

#[derive(Default)]
struct Sections<'a> {
    worker: Option<&'a [u8]>,
    bundle: Option<&'a [u8]>,
    source_map: Option<&'a [u8]>,
    first_module: Option<&'a [u8]>,
}

impl<'a> Sections<'a> {
    /// The sections of the component itself; those of what is nested in it don't count.
    fn read(component: &'a [u8]) -> Result<Self, ArtifactError> {
        let mut sections = Self::default();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(|error| ArtifactError::NotAComponent(error.to_string()))? {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if depth == 0 => {
                    return Err(ArtifactError::NotAComponent(CORE_MODULE.into()));
                }
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) if depth == 1 => {
                    sections.add_custom(section.name(), section.data())
                }
                Payload::ModuleSection {
                    unchecked_range, ..
                } if depth == 1 && sections.first_module.is_none() => {
                    sections.first_module =
                        component.get(unchecked_range.start as usize..unchecked_range.end as usize);
                }
                _ => {}
            }
        }
        Ok(sections)
    }

    fn add_custom(&mut self, name: &str, data: &'a [u8]) {
        match name {
            WORKER_SECTION => self.worker = Some(data),
            BUNDLE_SECTION => self.bundle = Some(data),
            SOURCE_MAP_SECTION => self.source_map = Some(data),
            _ => {}
        }
    }
}

const CORE_MODULE: &str = "this is a core WebAssembly module, not a component\nhint: `wasm-tools component new` makes a component of it";

fn inflate(section: &'static str, data: &[u8]) -> Result<Vec<u8>, ArtifactError> {
    let mut expanded = Vec::new();
    let read = ZlibDecoder::new(data)
        .take(EXPANDED_BYTES_MAX + 1)
        .read_to_end(&mut expanded);
    read.map_err(|error| damaged(section, error))?;
    if expanded.len() as u64 > EXPANDED_BYTES_MAX {
        return Err(ArtifactError::TooLarge { section });
    }
    Ok(expanded)
}

fn damaged(section: &'static str, reason: impl std::fmt::Display) -> ArtifactError {
    ArtifactError::DamagedSection {
        section,
        reason: reason.to_string(),
    }
}
