//! Evaluates a bundle once and takes the memory image of the engine after it: the snapshot.
//!
//! The engine is compiled once per process and variant. It is initialised with the prelude once, and that memory is what every worker
//! starts from. A bundle is compiled to bytecode in one instance, which is thrown away with the parser's garbage, and evaluated in another.

use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ouro_core::Digest;
use wasmtime::{Config, Module};

use crate::engine::{Engine, Variant};
use crate::error::{BuildError, Diagnostic};
use crate::failure::{self, Sources};
use crate::guest::{Guest, GuestError};
use crate::rehearsal::{self, Hot};
use crate::surgery::MemoryImage;
use crate::warm_up::WarmUp;

/// For bytecode, and for evaluation.
pub const TIME_MAX: Duration = Duration::from_secs(10);

/// How often the deadline is looked at.
const TICK: Duration = Duration::from_millis(20);

/// How the engine's refusal to format at the top level begins.
const FORMATS: &str = "Error: formatting with `Intl` is not allowed at the top level";

/// The engine throws a `RangeError` long before this much WebAssembly stack is used; what has no such guard traps here.
const WASM_STACK_BYTES: usize = 16 * 1024 * 1024;
/// WebAssembly runs on the thread's own stack.
const THREAD_STACK_BYTES: usize = WASM_STACK_BYTES + 4 * 1024 * 1024;

pub struct Evaluated {
    /// What differs from the base; of a standalone worker, everything.
    pub image: MemoryImage,
    /// What the top level wrote to the console.
    pub warnings: Vec<Diagnostic>,
}

/// How an evaluation went.
pub struct Evaluation {
    /// The errors: the top level threw, did what is not allowed while building, or went over its time or memory.
    pub outcome: Result<Evaluated, BuildError>,
    /// The top level asked for `env`, which only an invocation has. That throws, and somebody may have caught it.
    pub wants_env: bool,
}

impl Evaluation {
    /// The file that the top level failed in, where that is because it formats with `Intl`.
    pub fn formatting(&self) -> Option<&str> {
        let Err(BuildError::Evaluation(diagnostic)) = &self.outcome else {
            return None;
        };
        let place = diagnostic.place.as_ref()?;
        let formats = diagnostic.message.starts_with(FORMATS);
        formats.then_some(place.position.file.as_str())
    }
}

/// Evaluates the bundle on a variant of the engine, and warms it up with the requests.
///
/// # Errors
/// The engine is not of the expected form.
pub fn evaluate(
    variant: Variant,
    bundle: &str,
    source_map: &[u8],
    warm_up: &[WarmUp],
) -> Result<Evaluation, BuildError> {
    let evaluator = Evaluator::get(variant)?;
    let sources = Sources::new(bundle, source_map);
    let mut wants_env = false;
    let outcome = evaluator.evaluate(bundle, warm_up, &mut wants_env);
    Ok(Evaluation {
        outcome: outcome.map_err(|error| failure::build_error(error, &sources)),
        wants_env,
    })
}

/// An engine's memory after the prelude ran, which every worker starts from and whose snapshot differs from.
pub struct Base {
    /// As a snapshot, with everything in it.
    pub snapshot: Bytes,
    pub digest: Digest,
    memory: Vec<u8>,
}

impl Base {
    /// That of a variant, made once per process, which takes seconds.
    ///
    /// # Errors
    /// The engine is not of the expected form.
    pub fn get(variant: Variant) -> Result<&'static Self, BuildError> {
        Ok(&Evaluator::get(variant)?.base)
    }

    fn new(memory: Vec<u8>) -> Self {
        let snapshot = Bytes::from(MemoryImage::of(&memory).to_module());
        Self {
            digest: Digest::of(&snapshot),
            snapshot,
            memory,
        }
    }
}

/// An engine compiled for this process.
struct Evaluator {
    variant: Variant,
    /// The shared form, which takes its memory from another module.
    engine: Module,
    base: Base,
    /// The base, compiled.
    start: Module,
    stack_top: u32,
}

impl Evaluator {
    fn get(variant: Variant) -> Result<&'static Self, BuildError> {
        static EVALUATORS: [OnceLock<Result<Evaluator, String>>; 3] =
            [const { OnceLock::new() }; 3];
        let make = || Self::new(variant, Engine::get(variant)?);
        let made =
            EVALUATORS[variant as usize].get_or_init(|| make().map_err(|error| error.to_string()));
        made.as_ref()
            .map_err(|error| BuildError::Internal(error.clone()))
    }

    fn new(variant: Variant, engine: &Engine) -> Result<Self, BuildError> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        config
            .max_wasm_stack(WASM_STACK_BYTES)
            .async_stack_size(THREAD_STACK_BYTES);
        let wasmtime = wasmtime::Engine::new(&config).map_err(BuildError::internal)?;
        let compile = |binary: &[u8]| Module::new(&wasmtime, binary).map_err(BuildError::internal);
        let module = compile(&engine.shared)?;
        let initial = compile(&engine.memory.image.to_module())?;
        let stack_top = engine.memory.stack_top;
        let base = on_a_large_stack(&wasmtime, |deadline| {
            let start = || Guest::start(&module, &initial, deadline);
            let mut guest = start()?;
            guest.note()?;
            guest.init(&engine.prelude)?;
            let blocks = guest.noted()?;
            let common = guest.compile(rehearsal::COMMON_WORKER)?;
            guest.evaluate(&common.bytecode)?;
            guest.seal()?;
            let hot = rehearsal::hot(&module, guest, blocks, &[])?;
            let mut guest = start()?;
            guest.placing(&hot, |guest| guest.init(&engine.prelude))?;
            Ok(Base::new(guest.into_memory(stack_top)))
        });
        let base =
            base.map_err(|error| BuildError::Internal(format!("the prelude failed: {error:?}")))?;
        Ok(Self {
            variant,
            start: compile(&base.snapshot)?,
            engine: module,
            base,
            stack_top,
        })
    }

    fn evaluate(
        &self,
        bundle: &str,
        warm_up: &[WarmUp],
        wants_env: &mut bool,
    ) -> Result<Evaluated, GuestError> {
        on_a_large_stack(self.engine.engine(), |deadline| {
            let start = |deadline| Guest::start(&self.engine, &self.start, deadline);
            let compiled = start(deadline)?.compile(bundle)?;
            let evaluate = |guest: &mut Guest| {
                guest.keep_source(bundle, &compiled.places)?;
                guest.evaluate(&compiled.bytecode)?;
                warm_up
                    .iter()
                    .try_for_each(|request| guest.warm_up(request))
            };
            // Without a rehearsal everything is the same, but that blocks lie elsewhere.
            let guest = start(Instant::now() + rehearsal::EVALUATION_MAX)?;
            let hot = self.rehearse(guest, evaluate, warm_up).unwrap_or_default();
            let mut guest = start(Instant::now() + TIME_MAX)?;
            let evaluated = guest.placing(&hot, evaluate);
            // What trapped is not asked any more.
            if matches!(evaluated, Ok(()) | Err(GuestError::Failure(_))) {
                *wants_env = guest.wants_env()?;
            }
            evaluated?;
            let warnings = guest.warnings()?;
            guest.seal()?;
            let image = self.image(&guest.into_memory(self.stack_top));
            let warnings = warnings.lines().map(|line| Diagnostic {
                message: format!("console: {line}"),
                ..Diagnostic::default()
            });
            Ok(Evaluated {
                image,
                warnings: warnings.collect(),
            })
        })
    }

    fn image(&self, memory: &[u8]) -> MemoryImage {
        match self.variant {
            Variant::Standalone => MemoryImage::of(memory),
            Variant::Worker | Variant::Management => {
                MemoryImage::difference(memory, &self.base.memory)
            }
        }
    }

    /// The blocks that requests to the worker write to.
    fn rehearse(
        &self,
        mut guest: Guest,
        evaluate: impl FnOnce(&mut Guest) -> Result<(), GuestError>,
        warm_up: &[WarmUp],
    ) -> Result<Hot, GuestError> {
        guest.note()?;
        evaluate(&mut guest)?;
        let blocks = guest.noted()?;
        guest.seal()?;
        rehearsal::hot(&self.engine, guest, blocks, warm_up)
    }
}

/// Runs `body` on a thread with room for WebAssembly's stack, and interrupts what it runs when the time is over.
fn on_a_large_stack<T: Send>(
    engine: &wasmtime::Engine,
    body: impl FnOnce(Instant) -> Result<T, GuestError> + Send,
) -> Result<T, GuestError> {
    let deadline = Instant::now() + TIME_MAX;
    let (running, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let run = move || {
            let _running = running;
            body(deadline)
        };
        let thread = thread::Builder::new()
            .name("ouro-build".into())
            .stack_size(THREAD_STACK_BYTES)
            .spawn_scoped(scope, run);
        let thread = thread
            .map_err(|error| GuestError::Engine(format!("cannot start a thread: {error}")))?;
        // Builds share the engine's epoch; each one's own deadline decides, so a tick too many does no harm.
        while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            engine.increment_epoch();
        }
        thread
            .join()
            .unwrap_or_else(|_| Err(GuestError::Engine("the evaluation panicked".into())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::Block;
    use crate::rehearsal::Watch;
    use crate::surgery::PAGE_BYTES;

    /// What a worker does for a request, apart from talking to the host, as often as asked for.
    const REQUESTS: &str = r#"
const handler = async (request) => {
    const url = new URL(request.url);
    const order = await request.json();
    const form = new FormData();
    form.append("file", new File([new TextEncoder().encode(order.name)], "name.txt", { lastModified: 0 }));
    const controller = new AbortController();
    controller.signal.addEventListener("abort", () => controller);
    controller.abort();
    const copy = structuredClone({ order, map: new Map([[url.pathname, new Date(0)]]) });
    const stream = new ReadableStream({ pull(it) { it.enqueue(new Uint8Array(8)); it.close(); } });
    await new Response(stream.pipeThrough(new TransformStream())).bytes();
    const cycle = { copy, form };
    cycle.self = cycle;
    try { JSON.stringify(cycle); } catch (error) { cycle.error = error; }
    return Response.json({ path: url.searchParams.get("a"), order: copy.order }, { headers: { "x-a": "b" } });
};
for (let i = 0; i < ROUNDS; i++) {
    const body = JSON.stringify({ name: `order ${i}`, lines: [1.5, i, null] });
    const response = await handler(new Request(`http://localhost/a/${i}?a=${i}`, { method: "POST", body }));
    await response.clone().json();
    new TextDecoder().decode(new Uint8Array(await response.arrayBuffer()));
}
export default { fetch: handler };
"#;

    /// Blocks that lie together make few runs of pages.
    const REGIONS_MAX: usize = 32;
    const BLOCK_BYTES: usize = 2048;

    /// Pages that a request to the worker leaves changed, and in how many runs they lie.
    fn written(source: &str) -> (usize, usize) {
        let evaluator = Evaluator::get(Variant::Worker).expect("an engine");
        let mut wants_env = false;
        let evaluated = evaluator
            .evaluate(source, &[], &mut wants_env)
            .expect("evaluated");
        let wasmtime = evaluator.engine.engine();
        let mut memory = evaluator.base.memory.clone();
        memory.resize(evaluated.image.pages as usize * PAGE_BYTES, 0);
        for (at, bytes) in &evaluated.image.segments {
            memory[*at as usize..][..bytes.len()].copy_from_slice(bytes);
        }
        let image = MemoryImage::of(&memory).to_module();
        let image = Module::new(wasmtime, image).expect("a module");
        let changed = on_a_large_stack(wasmtime, |deadline| {
            let guest = Guest::start(&evaluator.engine, &image, deadline)?;
            let blocks = (0..guest.memory().len() / BLOCK_BYTES).map(|number| Block {
                number,
                start: number * BLOCK_BYTES,
                size: BLOCK_BYTES,
            });
            let blocks = blocks.collect();
            let watch = Watch::new(blocks, guest.memory());
            Ok(guest.rehearse(&WarmUp::get(rehearsal::PATH), deadline, watch))
        });
        // A page has two blocks, and a byte of bits four pages.
        let halves = changed.expect("rehearsed").into_hot().bits;
        let pages = halves
            .iter()
            .flat_map(|byte| [byte & 3, byte & 12, byte & 48, byte & 192]);
        let changed: Vec<bool> = pages.map(|halves| halves != 0).collect();
        let runs = changed.chunk_by(|a, b| a == b).filter(|run| run[0]);
        (
            changed.iter().filter(|changed| **changed).count(),
            runs.count(),
        )
    }

    #[test]
    fn what_requests_write_to_lies_together() {
        for (name, source) in [("hello", HELLO), ("many", rehearsal::COMMON_WORKER)] {
            let (pages, runs) = written(source);
            assert!(runs <= REGIONS_MAX, "{name}: {pages} pages in {runs} runs");
        }
    }

    const HELLO: &str = r#"export default { fetch: () => new Response("hello") };"#;

    /// Live objects and blocks of memory after so many requests in one instance.
    fn live_after(rounds: u32) -> (u32, u32) {
        let evaluator = Evaluator::get(Variant::Worker).expect("an engine");
        let source = format!("const ROUNDS = {rounds};{REQUESTS}");
        on_a_large_stack(evaluator.engine.engine(), |_| {
            // Longer than a build may take: this is many requests.
            let deadline = Instant::now() + Duration::from_secs(300);
            let start = || Guest::start(&evaluator.engine, &evaluator.start, deadline);
            let compiled = start()?.compile(&source)?;
            let mut guest = start()?;
            guest.evaluate(&compiled.bytecode)?;
            guest.live()
        })
        .expect("evaluated")
    }

    #[test]
    fn ten_thousand_requests_in_one_instance_leave_nothing() {
        let (objects, blocks) = live_after(100);
        let (objects_later, blocks_later) = live_after(10_000);
        assert_eq!(objects_later, objects);
        // Tables that grow once, such as that of the names.
        assert!(blocks_later < blocks + 100, "{blocks_later} after {blocks}");
    }
}
