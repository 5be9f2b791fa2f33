//! Artifacts that nothing built: a real one with bytes changed, cut or moved, and snapshots whose memory is another than any engine left.

use std::ops::Range;

use futures_util::stream::{self, StreamExt};
use ouro_test_harness::{Answer, Component, Deploy, build_worker};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use wasmparser::{DataKind, Parser, Payload};

use crate::component;
use crate::node::Node;
use crate::programs::record;

const MUTATIONS: u64 = 200;
const SNAPSHOTS: u64 = 60;
const AT_ONCE: usize = 4;
/// What an invocation that went wrong can be told as.
const TYPED: [&str; 8] = [
    "ok",
    "exception",
    "trapped",
    "no-response",
    "exceeded-cpu",
    "exceeded-wall",
    "exceeded-memory",
    "exceeded-response",
];

fn javascript() -> Component {
    build_worker(
        "const words = new Map([['a', [1, 2, 3]]]); export default { fetch: (request) => Response.json([request.url, ...words.get('a')]) };",
    )
}

fn foreign() -> Component {
    let text = "(module
        (import \"wasi:http/types@0.2.12\" \"[constructor]fields\" (func $fields (result i32)))
        (memory (export \"memory\") 1)
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export \"wasi:http/incoming-handler@0.2.12#handle\") (param i32 i32) (drop (call $fields))))";
    component::of(text)
}

/// Another file, by one or a few changes of a kind.
fn mutated(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let length = bytes.len();
        let at = random.random_range(0..length);
        // Most of a file is memory; its structure is at the beginning.
        let at = if random.random_bool(0.5) {
            at.min(random.random_range(0..2_000))
        } else {
            at
        };
        let end = length.min(at + random.random_range(1..64));
        match random.random_range(0..7) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = random.random(),
            2 => bytes[at..end].fill(0xff),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at.max(1)),
            5 => {
                let part = bytes[at..end].to_vec();
                let to = random.random_range(0..length);
                bytes.splice(to..to, part);
            }
            _ => random.fill(&mut bytes[at..end]),
        }
    }
    bytes
}

async fn create(node: &Node, worker: &str) {
    let created = node
        .api()
        .call("POST", "/workers", json!({ "name": worker }))
        .await;
    created.expect(201);
}

async fn store(node: &Node, worker: &str, component: &Component) -> Answer {
    let uploaded = node
        .api()
        .upload(component.digest, component.bytes.clone())
        .await;
    uploaded.expect(200);
    let limits = json!({ "cpu_ms": 200, "wall_ms": 5_000, "memory_bytes": 32 << 20 });
    let deploy = Deploy::default().field("limits", limits);
    node.api()
        .create_version(worker, component.digest, deploy)
        .await
}

/// Calls a worker that may do anything; answers with the outcome.
async fn call(node: &Node, worker: &str) -> String {
    let answer = node.client().get(&format!("{worker}.localhost"), "/").await;
    let record = record(node, worker, answer.header("x-request-id")).await;
    let outcome = record["outcome"].as_str().expect("an outcome").to_owned();
    assert!(TYPED.contains(&outcome.as_str()), "{worker}: {record}");
    outcome
}

/// The outcome where it was taken.
async fn attempt(node: &Node, kind: &str, seed: u64, component: Component) -> Option<String> {
    let worker = format!("{kind}-{seed}");
    create(node, &worker).await;
    let answer = store(node, &worker, &component).await;
    match answer.status.as_u16() {
        201 => Some(call(node, &worker).await),
        422 => None,
        _ => panic!("{worker}: {} {}", answer.status, answer.text()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_component_is_refused_or_ends_alone() {
    let mut node = Node::start(&[]).await;
    for (kind, whole, seeds) in [
        ("mutant", javascript(), 0..MUTATIONS / 2),
        ("foreign", foreign(), 0..MUTATIONS / 2),
        ("mutant", javascript(), MUTATIONS / 2..MUTATIONS),
        ("foreign", foreign(), MUTATIONS / 2..MUTATIONS),
    ] {
        if seeds.start == MUTATIONS / 2 && kind == "mutant" {
            // What compiling leaves to the allocator is there: more of the same adds nothing.
            node.settle();
        }
        let attempts = seeds.map(|seed| {
            let component = Component::from(mutated(&whole.bytes, seed));
            attempt(&node, kind, seed, component)
        });
        let outcomes: Vec<_> = stream::iter(attempts)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let refused = outcomes.iter().filter(|it| it.is_none()).count();
        assert!(refused > 0, "{outcomes:?}");
        node.is_unharmed(kind).await;
    }
    node.is_as_before("changed components").await;
}

/// Where the contents of the snapshot's memory stand in the file.
fn contents(component: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let Payload::DataSection(section) = payload.expect("a component") else {
            continue;
        };
        for data in section {
            let data = data.expect("a segment");
            assert!(matches!(data.kind, DataKind::Active { .. }));
            let end = usize::try_from(data.range.end).expect("an offset");
            found.push(end - data.data.len()..end);
        }
    }
    found
}

/// The same file with another memory. Most of its words are pointers and sizes of the engine's.
fn possessed(component: &[u8], seed: u64) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut bytes = component.to_vec();
    let share = [0.0001, 0.001, 0.01, 0.1, 1.0][seed as usize % 5];
    for range in contents(component) {
        for word in bytes[range].chunks_exact_mut(4) {
            if random.random_bool(share) {
                let value: u32 = match seed / 5 % 6 {
                    // Within the memory, aligned: a pointer that may be one.
                    0 => random.random_range(0..0x20_0000) & !7,
                    1 => random.random(),
                    2 => u32::MAX,
                    3 => 0,
                    4 => random.random_range(0x7fff_0000..0x8000_ffff),
                    _ => u32::from_le_bytes([word[3], word[2], word[1], word[0]]),
                };
                word.copy_from_slice(&value.to_le_bytes());
            }
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_with_a_hostile_memory_ends_alone() {
    let node = Node::start(&[]).await;
    let whole = javascript();
    let attempts = (0..SNAPSHOTS).map(|seed| {
        let component = Component::from(possessed(&whole.bytes, seed));
        attempt(&node, "possessed", seed, component)
    });
    let outcomes: Vec<_> = stream::iter(attempts)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    // Any memory is a memory: the guest alone gets to feel it.
    assert!(outcomes.iter().all(Option::is_some), "{outcomes:?}");
    let trapped = outcomes
        .iter()
        .flatten()
        .filter(|it| *it == "trapped")
        .count();
    assert!(trapped > 10, "{outcomes:?}");
    node.is_as_before("hostile snapshots").await;
}
