//! Snapshots as the host takes them apart: one memory, its contents, and nothing that runs.

use bytes::Bytes;
use ouro_build::Builder;
use ouro_core::ports::builder::{MemoryContents, WorkerBuilder};
use wasm_encoder::{
    ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module,
};

use super::{Entry, Target, tally};
use crate::memory;

const PAGE: usize = 64 << 10;
const MEMORY_BYTES_MAX: usize = 128 << 20;
/// Memory, export, data (WebAssembly 5.5.2).
const SECTIONS: [u8; 3] = [5, 7, 11];

pub const ENTRY: Entry = Entry {
    name: "snapshot",
    start: || Box::new(Snapshot(Builder::new().expect("the engines"))),
    examples: || {
        vec![
            example(),
            module(&MemoryContents::default()),
            module(&MemoryContents {
                bytes: MEMORY_BYTES_MAX,
                segments: vec![(MEMORY_BYTES_MAX - 3, Bytes::from_static(b"end"))],
            }),
        ]
    },
    words: &[
        b"memory",
        b"\x05\x03\x01\0\x01",
        b"\x0b\x07\x01\0\x41\0\x0b\x01x",
        b"\x41\x7f\x0b",
        b"\x01\x04\x01\x60\0\0",
        b"\x08\x01\0",
        b"\x80\x80\x80\x80\x08",
        b"\xff\xff\xff\xff\x0f",
    ],
    memory: (1 << 20, 64),
};

pub fn example() -> Vec<u8> {
    module(&MemoryContents {
        bytes: 20 * PAGE,
        segments: vec![
            (0, Bytes::from_static(b"one")),
            (PAGE, Bytes::from_static(b"another")),
            (20 * PAGE - 1, Bytes::from_static(b"x")),
        ],
    })
}

fn module(contents: &MemoryContents) -> Vec<u8> {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: (contents.bytes / PAGE) as u64,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    let mut data = DataSection::new();
    for (at, segment) in &contents.segments {
        let offset = ConstExpr::i32_const(i32::try_from(*at).expect("within the memory"));
        data.active(0, &offset, segment.iter().copied());
    }
    let mut module = Module::new();
    module.section(&memories).section(&exports).section(&data);
    module.finish()
}

struct Snapshot(Builder);

impl Target for Snapshot {
    fn run(&mut self, input: &[u8]) -> String {
        match check(&self.0, &Bytes::copy_from_slice(input)) {
            Err(error) => error,
            Ok(contents) => format!("segments {}", tally(contents.segments.len())),
        }
    }
}

/// Takes it apart and holds what is found against the bytes.
pub fn check(builder: &Builder, snapshot: &Bytes) -> Result<MemoryContents, String> {
    let (contents, peak) = memory::peak_of(|| builder.contents(snapshot));
    memory::assert_bounded(peak, 1 << 20, 64, snapshot.len());
    let contents = contents.map_err(|error| error.to_string())?;
    assert!(contents.bytes <= MEMORY_BYTES_MAX && contents.bytes.is_multiple_of(PAGE));
    for (at, segment) in &contents.segments {
        assert!(at + segment.len() <= contents.bytes, "outside the memory");
    }
    for id in section_ids(snapshot) {
        assert!(SECTIONS.contains(&id), "a section {id} was accepted");
    }
    let again = builder.contents(&module(&contents).into());
    assert_eq!(again.expect("it was made of a snapshot"), contents);
    Ok(contents)
}

fn section_ids(module: &[u8]) -> Vec<u8> {
    let (mut ids, mut at) = (Vec::new(), 8);
    while let Some(&id) = module.get(at) {
        let (length, bytes) = leb128(&module[at + 1..]);
        ids.push(id);
        at += 1 + bytes + length;
    }
    ids
}

fn leb128(bytes: &[u8]) -> (usize, usize) {
    let (mut value, mut count) = (0, 0);
    for byte in bytes {
        value |= usize::from(byte & 0x7f) << (7 * count);
        count += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    (value, count)
}
