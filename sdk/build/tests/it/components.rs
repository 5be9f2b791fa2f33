//! Component files: what is written, and how any component is taken apart.

use ouro_build::{BuildOptions, Builder, SourceMap};
use ouro_core::ports::builder::{
    BuilderError, EngineKind, JavascriptWorker, Unpacked, WorkerBuilder,
};

use crate::project::{HELLO, Project};

fn builder() -> Builder {
    Builder::new().expect("the engines")
}

fn javascript(component: &[u8]) -> JavascriptWorker {
    match builder().unpack(component) {
        Ok(Unpacked::Javascript(worker)) => worker,
        Ok(Unpacked::Component { .. }) => panic!("not a worker"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_worker_is_unpacked_with_its_engine_snapshot_and_source_map() {
    let built = Project::of(HELLO).build().expect("built");
    let worker = javascript(&built.component);
    assert_eq!(worker.engine_kind, EngineKind::Worker);
    assert_eq!(
        worker.engine_digest,
        builder().engine(EngineKind::Worker).digest
    );
    let map = builder().source_map(&built.component).expect("read");
    let map = SourceMap::parse(&map.expect("a source map")).expect("valid");
    assert!((1..20).any(|line| {
        map.locate(line, 1)
            .is_some_and(|position| position.file == "src/index.ts")
    }));
}

#[test]
fn a_worker_is_only_data() {
    let built = Project::of(HELLO).build().expect("built");
    let snapshot = javascript(&built.component).snapshot;
    let around = built.component.len() - snapshot.len();
    assert!(
        around < 64 * 1024,
        "{around} bytes around the snapshot: the engine is inside"
    );
}

#[test]
fn the_skeleton_links_engine_and_snapshot() {
    let parts = builder().engine(EngineKind::Worker);
    let snapshot = javascript(&Project::of(HELLO).build().expect("built").component).snapshot;
    let engine = wasmtime::Engine::default();
    let snapshot = wasmtime::Module::new(&engine, &snapshot).expect("a module");
    let skeleton =
        wasmtime::component::Component::new(&engine, &parts.skeleton).expect("a component");
    let mut linker = wasmtime::component::Linker::<()>::new(&engine);
    linker.root().module("snapshot", &snapshot).expect("linked");
    linker
        .define_unknown_imports_as_traps(&skeleton)
        .expect("linked");
    let mut store = wasmtime::Store::new(&engine, ());
    let instance = linker
        .instantiate(&mut store, &skeleton)
        .expect("an instance");
    assert!(
        instance
            .get_export_index(&mut store, None, "ouro:host/guest@0.1.0")
            .is_some()
    );
}

#[test]
fn rebuilding_gives_the_same_component_on_the_same_engine() {
    let built = Project::of(HELLO).build().expect("built");
    let rebuilt = builder()
        .rebuild(&built.component, EngineKind::Worker)
        .expect("rebuilt");
    assert_eq!(built.component, rebuilt);
}

#[test]
fn rebuilding_moves_a_worker_to_another_engine() {
    let built = Project::of(HELLO).build().expect("built");
    let rebuilt = builder()
        .rebuild(&built.component, EngineKind::Management)
        .expect("rebuilt");
    let worker = javascript(&rebuilt);
    assert_eq!(worker.engine_kind, EngineKind::Management);
    assert_eq!(
        worker.engine_digest,
        builder().engine(EngineKind::Management).digest
    );
    let project = Project::of(HELLO);
    let direct = ouro_build::build(&BuildOptions {
        kind: EngineKind::Management,
        ..project.options()
    })
    .expect("built");
    assert_eq!(direct.component, rebuilt);
}

#[test]
fn a_component_of_another_origin_is_listed_by_imports_and_exports() {
    let project = Project::of(HELLO);
    let standalone = ouro_build::build(&BuildOptions {
        standalone: true,
        ..project.options()
    })
    .expect("built");
    let Ok(Unpacked::Component { imports, exports }) = builder().unpack(&standalone.component)
    else {
        panic!("not a component of another origin");
    };
    assert!(
        exports
            .iter()
            .any(|export| export.starts_with("wasi:http/incoming-handler@0.2")),
        "{exports:?}"
    );
    assert!(
        imports
            .iter()
            .any(|import| import.starts_with("wasi:io/poll@0.2")),
        "{imports:?}"
    );
    assert!(
        imports.iter().all(|import| import.starts_with("wasi:")),
        "{imports:?}"
    );
    let error = builder()
        .rebuild(&standalone.component, EngineKind::Worker)
        .expect_err("no bundle inside");
    assert!(
        error.to_string().contains("not made by `ouro build`"),
        "{error}"
    );
}

#[test]
fn what_is_not_a_component_is_refused() {
    for (bytes, expected) in [
        (&b"#!/bin/sh"[..], "magic"),
        (&b""[..], ""),
        (&b"\0asm\x01\0\0\0"[..], "core WebAssembly module"),
        (&b"\0asm\x0d\0\x01\0\x07\x7f"[..], ""),
    ] {
        match builder().unpack(bytes) {
            Err(BuilderError::NotAComponent(text)) => assert!(text.contains(expected), "{text}"),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{bytes:?} is accepted"),
        }
    }
}

#[test]
fn a_worker_cut_off_anywhere_is_refused() {
    let component = Project::of(HELLO).build().expect("built").component;
    let builder = builder();
    for length in (0..component.len())
        .step_by(component.len() / 50)
        .chain(component.len() - 20..component.len())
    {
        match builder.unpack(&component[..length]) {
            Err(BuilderError::NotAComponent(_)) => {}
            // The first eight bytes alone are an empty component.
            Ok(Unpacked::Component { exports, .. }) if length == 8 => assert!(exports.is_empty()),
            _ => panic!("{length} bytes of {} are accepted", component.len()),
        }
    }
}
