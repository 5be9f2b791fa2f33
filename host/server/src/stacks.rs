//! Stacks of JavaScript workers: positions in the bundle become positions in the sources, by the source map inside the component.

use std::collections::HashMap;

use ouro_build::SourceMap;
use ouro_core::id::VersionId;
use ouro_runtime::LoadedWorker;

/// Source maps kept in memory. One is some ten times the size of its bundle.
const MAPS_MAX: usize = 16;

/// Parsed source maps by version.
#[derive(Default)]
pub struct Stacks {
    maps: HashMap<VersionId, Option<SourceMap>>,
}

impl Stacks {
    /// The text with every position that the version's map knows put in terms of the sources; else the text as it is.
    pub async fn map(&mut self, worker: &LoadedWorker, text: String) -> String {
        if !text.contains(ouro_build::BUNDLE_NAME) {
            return text;
        }
        let version = &worker.version().version;
        if !self.maps.contains_key(version) {
            if self.maps.len() == MAPS_MAX {
                self.maps.clear();
            }
            self.maps.insert(version.clone(), read(worker).await);
        }
        match self.maps.get(version) {
            Some(Some(map)) => map.map_stack(&text),
            _ => text,
        }
    }
}

async fn read(worker: &LoadedWorker) -> Option<SourceMap> {
    let version = &worker.version().version;
    let bytes = worker.source_map().await.unwrap_or_else(|error| {
        tracing::warn!(%version, %error, "a source map could not be read");
        None
    })?;
    let parsed = tokio::task::spawn_blocking(move || SourceMap::parse(&bytes))
        .await
        .ok()?;
    parsed
        .inspect_err(|error| tracing::warn!(%version, %error, "a source map could not be parsed"))
        .ok()
}
