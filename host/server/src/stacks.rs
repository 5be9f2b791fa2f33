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
    /// The text with the positions of its frames that the version's map knows put in terms of the sources; else the text as it is. The
    /// answer is longer by no more than `room`, which becomes less by as much.
    pub async fn map(&mut self, worker: &LoadedWorker, text: String, room: &mut usize) -> String {
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
            Some(Some(map)) => map_frames(&text, room, |line| map.map_stack(line)),
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

/// Maps the lines that are frames. A worker can write thousands of positions whose sources have long names, so what they may add is bounded.
fn map_frames(text: &str, room: &mut usize, map: impl Fn(&str) -> String) -> String {
    let mut mapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let frame = line.trim_start().starts_with("at ").then(|| map(line));
        let more = frame
            .as_ref()
            .map_or(0, |it| it.len().saturating_sub(line.len()));
        match frame {
            Some(frame) if more <= *room => {
                *room -= more;
                mapped.push_str(&frame);
            }
            _ => mapped.push_str(line),
        }
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_frames_are_mapped_and_only_while_there_is_room() {
        let map = |line: &str| line.replace("worker.js:1:1", "src/a/long/name.ts:9:9");
        let text = "see worker.js:1:1\n    at f (worker.js:1:1)\n    at worker.js:1:1\n";
        let (mut room, all) = (
            100,
            "see worker.js:1:1\n    at f (src/a/long/name.ts:9:9)\n",
        );
        assert_eq!(
            map_frames(text, &mut room, map),
            format!("{all}    at src/a/long/name.ts:9:9\n")
        );
        assert_eq!(room, 82);
        let mut little = 9;
        assert_eq!(
            map_frames(text, &mut little, map),
            format!("{all}    at worker.js:1:1\n")
        );
    }
}
