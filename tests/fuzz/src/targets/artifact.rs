//! Components as they are uploaded: what `ouro_build::unpack` makes of any bytes.

use std::collections::HashSet;

use ouro_build::{ArtifactError, Builder, Contents, WarmUp, Worker, pack, unpack};
use ouro_core::Digest;
use ouro_core::ports::builder::{EngineKind, Unpacked, WorkerBuilder};
use wasm_encoder::{Component, ComponentSectionId, CustomSection, RawSection};

use super::snapshot;
use super::{Entry, Target, tally};
use crate::memory;

/// A bundle and a source map expand to at most this much each.
const EXPANDED_BYTES_MAX: usize = 64 << 20;

/// For components of another origin wasmparser makes room for as many items as a section declares, up to a million.
const VALIDATION_BYTES_MAX: usize = 256 << 20;

pub const ENTRY: Entry = Entry {
    name: "artifact",
    start: || {
        Box::new(Artifact {
            builder: Builder::new().expect("the engines"),
            packed: HashSet::new(),
        })
    },
    examples,
    words: &[
        b"ouro:worker",
        b"ouro:bundle",
        b"ouro:source-map",
        b"\"format\":",
        b"\"kind\":\"management\"",
        b"\"warm_up\":[{\"path\":\"/\"}]",
        b"\0asm\x01\0\0\0",
        b"\0asm\x0d\0\x01\0",
    ],
    // The text that is expanded, and the buffers it grew through.
    memory: (4 * EXPANDED_BYTES_MAX, 64),
};

fn examples() -> Vec<Vec<u8>> {
    let warm = WarmUp::get("/a?b=c");
    let written = |kind, source_map: &[u8], warm_up: &[WarmUp]| {
        let snapshot = snapshot::example();
        pack(kind, &snapshot, "export default {};\n", source_map, warm_up).expect("packed")
    };
    let map = br#"{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA"}"#;
    vec![
        written(EngineKind::Worker, b"", &[]),
        written(EngineKind::Management, map, &[warm]),
        small(&written(EngineKind::Worker, map, &[])),
        foreign(),
    ]
}

/// The same worker without the skeleton around its snapshot, which nothing reads: most mutations meet what is read.
fn small(component: &[u8]) -> Vec<u8> {
    let Ok(Contents::Worker(worker)) = unpack(component) else {
        panic!("it was packed just now")
    };
    let manifest = serde_json::json!({ "format": format_of(component), "engine": worker.engine, "kind": "worker" });
    let bundle = section_of(component, "ouro:bundle");
    let mut small = Component::new();
    custom(&mut small, "ouro:worker", manifest.to_string().as_bytes());
    small.section(&RawSection {
        id: ComponentSectionId::CoreModule.into(),
        data: &worker.snapshot,
    });
    custom(&mut small, "ouro:bundle", bundle);
    small.finish()
}

fn custom(component: &mut Component, name: &str, data: &[u8]) {
    component.section(&CustomSection {
        name: name.into(),
        data: data.into(),
    });
}

fn format_of(component: &[u8]) -> serde_json::Value {
    let manifest = section_of(component, "ouro:worker");
    let manifest: serde_json::Value = serde_json::Deserializer::from_slice(manifest)
        .into_iter()
        .next()
        .expect("a manifest")
        .expect("JSON");
    manifest["format"].clone()
}

/// What follows the name of a custom section: its data and all behind it.
fn section_of<'a>(component: &'a [u8], name: &str) -> &'a [u8] {
    let mut places = component.windows(name.len());
    let at = places.position(|window| window == name.as_bytes());
    &component[at.expect("the section") + name.len()..]
}

fn foreign() -> Vec<u8> {
    let mut component = Component::new();
    component.section(&RawSection {
        id: ComponentSectionId::CoreModule.into(),
        data: &snapshot::example(),
    });
    custom(&mut component, "producers", b"\0");
    component.finish()
}

struct Artifact {
    builder: Builder,
    /// Packing takes long, so that what was packed once is not packed again.
    packed: HashSet<Digest>,
}

impl Target for Artifact {
    fn run(&mut self, input: &[u8]) -> String {
        let (read, peak) = memory::peak_of(|| unpack(input));
        let fixed = match read {
            Ok(Contents::Worker(_)) => 1 << 20,
            _ => VALIDATION_BYTES_MAX,
        };
        memory::assert_bounded(peak, fixed, 64, input.len());
        match read {
            Err(error) => error.to_string(),
            Ok(Contents::Foreign { imports, exports }) => {
                for name in imports.iter().chain(&exports) {
                    let mut places = input.windows(name.len().max(1));
                    assert!(name.is_empty() || places.any(|it| it == name.as_bytes()));
                }
                "foreign".to_owned()
            }
            Ok(Contents::Worker(worker)) => self.worker(input, &worker),
        }
    }
}

impl Artifact {
    fn worker(&mut self, input: &[u8], worker: &Worker) -> String {
        if let Err(error) = snapshot::check(&self.builder, &worker.snapshot) {
            return error.to_string();
        }
        let bundle = worker.bundle();
        let source_map = worker.source_map();
        self.host_agrees(input, worker, &source_map);
        let (bundle, source_map) = match (bundle, source_map) {
            (Ok(bundle), Ok(source_map)) => (bundle, source_map.unwrap_or_default()),
            (Err(error), _) | (_, Err(error)) => return error.to_string(),
        };
        assert!(bundle.len() <= EXPANDED_BYTES_MAX && source_map.len() <= EXPANDED_BYTES_MAX);
        let what = format!("{bundle}\0{:?}\0{:?}", worker.warm_up, worker.kind);
        let key = Digest::of(&[what.as_bytes(), &worker.snapshot, &source_map].concat());
        if self.packed.insert(key) {
            stays_the_same(worker, &bundle, &source_map);
        }
        format!("worker {}", tally(worker.warm_up.len()))
    }

    /// The host reads it through the port: it finds the same, or what is wrong with the source map.
    fn host_agrees(
        &self,
        input: &[u8],
        worker: &Worker,
        source_map: &Result<Option<Vec<u8>>, ArtifactError>,
    ) {
        let Ok(Unpacked::Javascript(read)) = self.builder.unpack(input) else {
            panic!("the host reads something else")
        };
        assert_eq!(read.engine_digest, worker.engine);
        assert_eq!(read.base, worker.base);
        assert_eq!(read.engine_kind, worker.kind);
        assert_eq!(read.snapshot, worker.snapshot);
        match (self.builder.source_map(input), source_map) {
            (Ok(read), Ok(source_map)) => assert_eq!(read.as_deref(), source_map.as_deref()),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(&expected.to_string()))
            }
            _ => panic!("the host reads another source map"),
        }
    }
}

fn stays_the_same(worker: &Worker, bundle: &str, source_map: &[u8]) {
    let packed = pack(
        worker.kind,
        &worker.snapshot,
        bundle,
        source_map,
        &worker.warm_up,
    );
    let Ok(Contents::Worker(again)) = unpack(&packed.expect("packed")) else {
        panic!("what was packed is no worker")
    };
    assert_eq!(again.kind, worker.kind);
    assert_eq!(again.snapshot, worker.snapshot);
    assert_eq!(again.warm_up, worker.warm_up);
    assert_eq!(again.bundle().expect("a bundle"), bundle);
    let map = again.source_map().expect("a source map");
    assert_eq!(map.unwrap_or_default(), source_map);
}
