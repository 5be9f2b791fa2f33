//! Component files that no build wrote.

use ouro_build::{Builder, pack};
use ouro_core::ports::builder::{BuilderError, EngineKind, Unpacked, WorkerBuilder};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, MemoryType,
    Module, StartSection, TypeSection, ValType,
};

const PAGE: u64 = 65_536;

fn memory(minimum: u64) -> MemorySection {
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    section
}

fn exports(items: &[(&str, ExportKind)]) -> ExportSection {
    let mut section = ExportSection::new();
    for (name, kind) in items {
        section.export(name, *kind, 0);
    }
    section
}

fn data(offset: i32, bytes: &[u8]) -> DataSection {
    let mut section = DataSection::new();
    section.active(0, &ConstExpr::i32_const(offset), bytes.iter().copied());
    section
}

fn one_function() -> (TypeSection, FunctionSection, CodeSection) {
    let (mut types, mut functions, mut code) = (
        TypeSection::new(),
        FunctionSection::new(),
        CodeSection::new(),
    );
    types.ty().function([], []);
    functions.function(0);
    let mut function = Function::new([]);
    function.instructions().end();
    code.function(&function);
    (types, functions, code)
}

const MEMORY_EXPORT: [(&str, ExportKind); 1] = [("memory", ExportKind::Memory)];

/// What the builder says of this snapshot in a component.
fn contents(snapshot: &Module) -> Result<(), String> {
    let component = pack(
        EngineKind::Worker,
        snapshot.as_slice(),
        "export default {};",
        b"",
        &[],
    )
    .expect("packed");
    let builder = Builder::new().expect("the engines");
    let Ok(Unpacked::Javascript(worker)) = builder.unpack(&component) else {
        panic!("no worker")
    };
    match builder.contents(&worker.snapshot) {
        Ok(_) => Ok(()),
        Err(BuilderError::NotAComponent(text)) => Err(text),
        Err(error) => panic!("{error}"),
    }
}

fn refused(snapshot: &Module, why: &str) {
    let text = contents(snapshot).expect_err("accepted");
    assert!(text.contains(why), "{text}");
}

#[test]
fn a_memory_with_contents_is_a_snapshot() {
    let mut module = Module::new();
    module
        .section(&memory(20))
        .section(&exports(&MEMORY_EXPORT))
        .section(&data(0, b"x"));
    contents(&module).expect("accepted");
    let mut at_the_end = Module::new();
    at_the_end
        .section(&memory(1))
        .section(&exports(&MEMORY_EXPORT))
        .section(&data(PAGE as i32 - 1, b"x"));
    contents(&at_the_end).expect("accepted");
}

#[test]
fn a_snapshot_with_code_is_refused() {
    let (types, functions, code) = one_function();
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memory(1))
        .section(&exports(&MEMORY_EXPORT))
        .section(&code);
    refused(&module, "it has code");
}

#[test]
fn a_snapshot_with_a_start_function_is_refused() {
    let (types, functions, code) = one_function();
    let mut module = Module::new();
    let start = StartSection { function_index: 0 };
    module
        .section(&types)
        .section(&functions)
        .section(&memory(1))
        .section(&exports(&MEMORY_EXPORT))
        .section(&start)
        .section(&code);
    refused(&module, "it has code");
}

#[test]
fn a_snapshot_with_imports_is_refused() {
    let mut imports = ImportSection::new();
    imports.import(
        "env",
        "memory",
        EntityType::Memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        }),
    );
    let mut module = Module::new();
    module.section(&imports).section(&exports(&MEMORY_EXPORT));
    refused(&module, "it has imports");
}

#[test]
fn a_snapshot_with_globals_is_refused() {
    let mut globals = GlobalSection::new();
    globals.global(
        GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        },
        &ConstExpr::i32_const(0),
    );
    let mut module = Module::new();
    module
        .section(&memory(1))
        .section(&globals)
        .section(&exports(&MEMORY_EXPORT));
    refused(&module, "it has globals");
}

#[test]
fn a_segment_outside_the_memory_is_refused() {
    for offset in [PAGE as i32, PAGE as i32 - 3, -1, i32::MIN] {
        let mut module = Module::new();
        module
            .section(&memory(1))
            .section(&exports(&MEMORY_EXPORT))
            .section(&data(offset, b"four"));
        refused(&module, "outside its memory");
    }
}

#[test]
fn a_passive_segment_is_refused() {
    let mut passive = DataSection::new();
    passive.passive(*b"x");
    let mut module = Module::new();
    module
        .section(&memory(1))
        .section(&exports(&MEMORY_EXPORT))
        .section(&passive);
    refused(&module, "passive");
}

#[test]
fn a_memory_of_another_kind_is_refused() {
    for (ty, why) in [
        (
            MemoryType {
                minimum: 2049,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            },
            "the limit is 2048",
        ),
        (
            MemoryType {
                minimum: 1,
                maximum: Some(1),
                memory64: false,
                shared: false,
                page_size_log2: None,
            },
            "plain 32-bit memory",
        ),
        (
            MemoryType {
                minimum: 1,
                maximum: None,
                memory64: true,
                shared: false,
                page_size_log2: None,
            },
            "plain 32-bit memory",
        ),
    ] {
        let mut section = MemorySection::new();
        section.memory(ty);
        let mut module = Module::new();
        module.section(&section).section(&exports(&MEMORY_EXPORT));
        refused(&module, why);
    }
}

#[test]
fn a_snapshot_without_its_one_export_is_refused() {
    let mut none = Module::new();
    none.section(&memory(1));
    refused(&none, "does not export");
    let mut other = Module::new();
    other.section(&memory(1)).section(&exports(&[
        ("memory", ExportKind::Memory),
        ("more", ExportKind::Memory),
    ]));
    refused(&other, "exports something other");
}

#[test]
fn a_bundle_that_expands_beyond_its_limit_is_refused() {
    let mut module = Module::new();
    module
        .section(&memory(20))
        .section(&exports(&MEMORY_EXPORT));
    let bomb = "/".repeat(65 << 20);
    let component = pack(
        EngineKind::Worker,
        module.as_slice(),
        &bomb,
        bomb.as_bytes(),
        &[],
    )
    .expect("packed");
    assert!(component.len() < 1 << 20, "{} bytes", component.len());
    let builder = Builder::new().expect("the engines");
    let error = builder
        .rebuild(&component, EngineKind::Worker)
        .expect_err("too large");
    assert!(
        error
            .to_string()
            .contains("`ouro:bundle` expands to more than 64 MiB"),
        "{error}"
    );
    let error = builder.source_map(&component).expect_err("too large");
    assert!(
        error
            .to_string()
            .contains("`ouro:source-map` expands to more than 64 MiB"),
        "{error}"
    );
}

#[test]
fn a_damaged_section_is_named() {
    let mut component = wasm_encoder::Component::new();
    component.section(&CustomSection {
        name: "ouro:worker".into(),
        data: b"{"[..].into(),
    });
    let Err(error) = Builder::new()
        .expect("the engines")
        .unpack(&component.finish())
    else {
        panic!("accepted")
    };
    assert!(
        error.to_string().contains("`ouro:worker` is damaged"),
        "{error}"
    );
}

#[test]
fn a_bundle_that_fails_when_it_is_evaluated_again_names_its_line() {
    let mut module = Module::new();
    module
        .section(&memory(20))
        .section(&exports(&MEMORY_EXPORT));
    let component = pack(
        EngineKind::Worker,
        module.as_slice(),
        "// one\nthrow new Error(\"no\");\n",
        b"",
        &[],
    )
    .expect("packed");
    let error = Builder::new()
        .expect("the engines")
        .rebuild(&component, EngineKind::Worker)
        .expect_err("it throws");
    let BuilderError::Evaluation(text) = error else {
        panic!("{error}")
    };
    assert!(
        text.contains("Error: no") && text.contains("--> worker.js:2:"),
        "{text}"
    );
}
