//! The engine as the builder calls it: the functions `ouro_build_*` of `sdk/engine/src/builder.rs`, over wasmtime's core API.
//!
//! The code that runs in here is hostile: it gets a limited time and memory, and every import of the engine is a trap. In a rehearsal a few do
//! nothing instead (`QUIET`).

use std::collections::HashMap;
use std::time::Instant;

use serde::Deserialize;
use wasmtime::{
    Caller, ExternType, FuncType, ImportType, Instance, Linker, Memory, Module, Ref,
    ResourceLimiter, Store, Table, Trap, TypedFunc, UpdateDeadline, Val, ValType,
};

use crate::rehearsal::{Hot, Watch};
use crate::warm_up::WarmUp;

/// JavaScript memory, stack and engine together.
pub const MEMORY_BYTES_MAX: usize = 128 * 1024 * 1024;
const TABLE_ELEMENTS_MAX: usize = 100_000;

/// Why a call of the engine gave no result.
#[derive(Debug)]
pub enum GuestError {
    /// The code threw.
    Failure(Failure),
    /// The code is none to the engine, though the bundler has read it.
    Syntax(Failure),
    Timeout,
    OutOfMemory,
    StackOverflow,
    /// The engine trapped; the text is wasmtime's.
    Trap(String),
    /// The engine has not the functions that it should have, or answers nonsense.
    Engine(String),
}

/// An error thrown by JavaScript, as the engine describes it.
#[derive(Debug, Deserialize)]
pub struct Failure {
    pub name: String,
    pub message: String,
    pub stack: String,
}

/// Imports that do nothing in a rehearsal, and what they give: the time, random numbers, and taking lines and responses. Where a result
/// is written to memory, so many bytes at the address in the last parameter are cleared.
const QUIET: [(&str, &str, u32); 7] = [
    ("wasi:clocks/monotonic-clock@", "now", 0),
    ("wasi:clocks/wall-clock@", "now", 16),
    ("wasi:random/random@", "get-random-u64", 0),
    ("ouro:host/logging", "log", 0),
    ("ouro:host/invocation", "respond", 8),
    ("ouro:host/invocation", "connection", 16),
    ("ouro:host/invocation", "fail", 0),
];

/// What the engine makes of a bundle.
pub struct Compiled {
    pub bytecode: Vec<u8>,
    /// Where its functions are, as the engine writes it.
    pub places: Vec<u8>,
}

/// A block of memory that the engine asked for while it was noted, by its number in the order of asking.
pub struct Block {
    pub number: usize,
    pub start: usize,
    pub size: usize,
}

pub struct Guest {
    store: Store<Limits>,
    instance: Instance,
    memory: Memory,
}

impl Guest {
    /// An instance of the engine on a memory that begins as `image` says.
    pub fn start(engine: &Module, image: &Module, deadline: Instant) -> Result<Self, GuestError> {
        let mut store = Store::new(
            engine.engine(),
            Limits {
                memory_exceeded: false,
                deadline,
                memory: None,
                watch: None,
            },
        );
        store.limiter(|limits| limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            if Instant::now() >= store.data().deadline {
                return Ok(UpdateDeadline::Interrupt);
            }
            let Some(mut watch) = store.data_mut().watch.take() else {
                return Ok(UpdateDeadline::Continue(1));
            };
            if let Some(memory) = store.data().memory {
                watch.step(memory.data(&store));
            }
            store.data_mut().watch = Some(watch);
            // At once: each step of the engine comes by here.
            Ok(UpdateDeadline::Continue(0))
        });
        let image = Instance::new(&mut store, image, &[]).map_err(broken)?;
        let memory = image
            .get_memory(&mut store, "memory")
            .ok_or_else(|| broken("no memory"))?;
        store.data_mut().memory = Some(memory);
        let mut linker = Linker::new(engine.engine());
        linker
            .define(&store, "env", "memory", memory)
            .map_err(broken)?;
        for import in engine.imports() {
            // For the engine's allocator, which nobody calls here.
            if let ExternType::Table(ty) = import.ty() {
                let table = Table::new(&mut store, ty, Ref::Func(None)).map_err(broken)?;
                linker
                    .define(&store, import.module(), import.name(), table)
                    .map_err(broken)?;
            }
            define_quiet(&mut linker, &import).map_err(broken)?;
        }
        linker
            .define_unknown_imports_as_traps(engine)
            .map_err(broken)?;
        let instance = linker.instantiate(&mut store, engine).map_err(broken)?;
        Ok(Self {
            store,
            instance,
            memory,
        })
    }

    /// Creates the runtime and evaluates the prelude into it.
    pub fn init(&mut self, prelude: &str) -> Result<(), GuestError> {
        self.call_with("ouro_build_init", prelude.as_bytes())
            .map(drop)
    }

    pub fn compile(&mut self, source: &str) -> Result<Compiled, GuestError> {
        let bytecode = self.call_with("ouro_build_compile", source.as_bytes());
        let bytecode = bytecode.map_err(|error| match error {
            GuestError::Failure(failure) => GuestError::Syntax(failure),
            error => error,
        })?;
        let places = self.ask("ouro_build_places")?;
        Ok(Compiled { bytecode, places })
    }

    /// Keeps the text of the worker's functions in the image.
    pub fn keep_source(&mut self, source: &str, places: &[u8]) -> Result<(), GuestError> {
        let length = u32::try_from(places.len()).map_err(|_| GuestError::OutOfMemory)?;
        let argument = [&length.to_le_bytes(), places, source.as_bytes()].concat();
        self.call_with("ouro_build_keep_source", &argument)
            .map(drop)
    }

    pub fn evaluate(&mut self, bytecode: &[u8]) -> Result<(), GuestError> {
        self.call_with("ouro_build_evaluate", bytecode).map(drop)
    }

    /// Hands a request to the worker's handler, between `evaluate` and `seal`; what that does to the memory stays.
    pub fn warm_up(&mut self, request: &WarmUp) -> Result<(), GuestError> {
        self.call_with("ouro_build_warm_up", &request.message())
            .map(drop)
            .map_err(|error| match error {
                GuestError::Failure(failure) => GuestError::Failure(Failure {
                    message: format!("warm-up request {}: {}", request.name(), failure.message),
                    ..failure
                }),
                error => error,
            })
    }

    /// Console lines so far.
    pub fn warnings(&mut self) -> Result<String, GuestError> {
        let warnings = self.ask("ouro_build_warnings")?;
        Ok(String::from_utf8_lossy(&warnings).into_owned())
    }

    /// Did the top level ask for `env`, which only an invocation has?
    pub fn wants_env(&mut self) -> Result<bool, GuestError> {
        let wants_env = self.function::<(), u32>("ouro_build_wants_env")?;
        Ok(self.call(&wants_env, ())? != 0)
    }

    pub fn seal(&mut self) -> Result<(), GuestError> {
        let seal = self.function::<(), ()>("ouro_build_seal")?;
        self.call(&seal, ())
    }

    /// From now on blocks of memory are noted.
    pub fn note(&mut self) -> Result<(), GuestError> {
        let note = self.function::<(), ()>("ouro_build_note")?;
        self.call(&note, ())
    }

    /// The blocks that were noted and are still there, in the order of their places. Nothing is noted from now on.
    pub fn noted(&mut self) -> Result<Vec<Block>, GuestError> {
        let notes = self.function::<(), u64>("ouro_build_notes")?;
        let notes = self.call(&notes, ())?;
        let (start, length) = ((notes >> 32) as usize, notes as u32 as usize * NOTE_BYTES);
        let notes = self.memory.data(&self.store).get(start..start + length);
        notes
            .map(blocks)
            .ok_or_else(|| broken("notes out of bounds"))
    }

    /// Runs `body` while blocks that are hot are placed together.
    pub fn placing(
        &mut self,
        hot: &Hot,
        body: impl FnOnce(&mut Self) -> Result<(), GuestError>,
    ) -> Result<(), GuestError> {
        let place = self.function::<(u32, u32, u32), ()>("ouro_build_place")?;
        let placed = self.function::<(u32, u32), ()>("ouro_build_placed")?;
        let (start, length) = self.hand_over(&hot.bits)?;
        self.call(&place, (start, length, hot.bytes))?;
        body(self)?;
        self.call(&placed, (start, length))
    }

    /// Serves the request with everything but the clock, randomness and the response left out, until it ends or fails, under
    /// the eyes of `watch`. To be called after `seal`; the instance is of no use any more.
    pub fn rehearse(mut self, request: &WarmUp, deadline: Instant, watch: Watch) -> Watch {
        self.store.data_mut().deadline = deadline;
        self.store.data_mut().watch = Some(watch);
        self.store.set_epoch_deadline(0);
        // What it wrote to until it failed counts as well.
        let _ = self.call_with("ouro_build_rehearse", &request.message());
        let mut watch = self.store.data_mut().watch.take().unwrap_or_default();
        watch.look(self.memory.data(&self.store));
        watch
    }

    pub fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Objects and blocks of memory of the engine that are alive.
    #[cfg(test)]
    pub fn live(&mut self) -> Result<(u32, u32), GuestError> {
        let live = self.function::<(), u64>("ouro_build_live")?;
        let live = self.call(&live, ())?;
        Ok(((live >> 32) as u32, live as u32))
    }

    /// The memory, with the stack below `stack_top` zeroed: between calls it is dead.
    pub fn into_memory(self, stack_top: u32) -> Vec<u8> {
        let mut memory = self.memory.data(&self.store).to_vec();
        if let Some(stack) = memory.get_mut(..stack_top as usize) {
            stack.fill(0);
        }
        memory
    }

    fn call_with(&mut self, name: &str, argument: &[u8]) -> Result<Vec<u8>, GuestError> {
        let function = self.function::<(u32, u32), u64>(name)?;
        let buffer = self.hand_over(argument)?;
        let answer = self.call(&function, buffer)?;
        self.take_answer(answer)
    }

    /// Address and length of a new buffer in the engine with these bytes.
    fn hand_over(&mut self, bytes: &[u8]) -> Result<(u32, u32), GuestError> {
        let alloc = self.function::<u32, u32>("ouro_build_alloc")?;
        let length = u32::try_from(bytes.len()).map_err(|_| GuestError::OutOfMemory)?;
        let start = self.call(&alloc, length)?;
        self.memory
            .write(&mut self.store, start as usize, bytes)
            .map_err(|_| GuestError::OutOfMemory)?;
        Ok((start, length))
    }

    fn ask(&mut self, name: &str) -> Result<Vec<u8>, GuestError> {
        let function = self.function::<(), u64>(name)?;
        let answer = self.call(&function, ())?;
        self.take_answer(answer)
    }

    /// Copies an answer out of the memory and gives its buffer back.
    fn take_answer(&mut self, answer: u64) -> Result<Vec<u8>, GuestError> {
        let (start, length) = ((answer >> 32) as u32, answer as u32);
        let end = start as usize + length as usize;
        let bytes = self
            .memory
            .data(&self.store)
            .get(start as usize..end)
            .ok_or_else(|| broken("an answer out of bounds"))?
            .to_vec();
        let free = self.function::<(u32, u32), ()>("ouro_build_free")?;
        self.call(&free, (start, length))?;
        match bytes.split_first() {
            Some((0, result)) => Ok(result.to_vec()),
            Some((1, failure)) if !self.store.data().memory_exceeded => Err(GuestError::Failure(
                serde_json::from_slice(failure).map_err(broken)?,
            )),
            Some((1, _)) => Err(GuestError::OutOfMemory),
            _ => Err(broken("an answer without its first byte")),
        }
    }

    fn function<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        name: &str,
    ) -> Result<TypedFunc<P, R>, GuestError> {
        self.instance
            .get_typed_func(&mut self.store, name)
            .map_err(broken)
    }

    fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, GuestError> {
        function
            .call(&mut self.store, params)
            .map_err(|error| match error.downcast_ref::<Trap>() {
                Some(Trap::Interrupt) => GuestError::Timeout,
                _ if self.store.data().memory_exceeded => GuestError::OutOfMemory,
                Some(Trap::StackOverflow) => GuestError::StackOverflow,
                _ => GuestError::Trap(error.root_cause().to_string()),
            })
    }
}

fn broken(error: impl std::fmt::Display) -> GuestError {
    GuestError::engine(error)
}

impl GuestError {
    pub fn engine(error: impl std::fmt::Display) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Address and size of a block, each in four bytes; a size of zero says that it was freed.
const NOTE_BYTES: usize = 8;

fn blocks(notes: &[u8]) -> Vec<Block> {
    let mut alive = HashMap::new();
    let mut number = 0;
    for note in notes.chunks_exact(NOTE_BYTES) {
        let word = |at: usize| {
            u32::from_le_bytes([note[at], note[at + 1], note[at + 2], note[at + 3]]) as usize
        };
        let (start, size) = (word(0), word(4));
        if size == 0 {
            alive.remove(&start);
        } else {
            alive.insert(
                start,
                Block {
                    number,
                    start,
                    size,
                },
            );
            number += 1;
        }
    }
    let mut blocks: Vec<_> = alive.into_values().collect();
    blocks.sort_unstable_by_key(|block| block.start);
    blocks
}

fn define_quiet(linker: &mut Linker<Limits>, import: &ImportType<'_>) -> wasmtime::Result<()> {
    let is_import = |(module, name, _): &&(&str, &str, u32)| {
        import.module().starts_with(module) && import.name() == *name
    };
    let (Some((_, _, cleared)), Some(of)) =
        (QUIET.iter().find(is_import), import.ty().func().cloned())
    else {
        return Ok(());
    };
    linker.func_new(
        import.module(),
        import.name(),
        of.clone(),
        move |caller, params, results| {
            if caller.data().watch.is_none() {
                return Err(wasmtime::Error::msg(
                    "the engine called the host while it was built",
                ));
            }
            clear(caller, params, *cleared)?;
            give_ones(&of, results);
            Ok(())
        },
    )?;
    Ok(())
}

fn clear(mut caller: Caller<'_, Limits>, params: &[Val], bytes: u32) -> wasmtime::Result<()> {
    let address = params.last().and_then(Val::i32).filter(|_| bytes > 0);
    let memory = caller.data().memory;
    if let (Some(address), Some(memory)) = (address, memory) {
        memory.write(
            &mut caller,
            address as u32 as usize,
            &vec![0; bytes as usize],
        )?;
    }
    Ok(())
}

/// A clock that never shows zero, and randomness that is not zero, which seeds are made of.
fn give_ones(of: &FuncType, results: &mut [Val]) {
    for (kind, result) in of.results().zip(results) {
        *result = match kind {
            ValType::I64 => Val::I64(1),
            _ => Val::I32(0),
        };
    }
}

struct Limits {
    memory_exceeded: bool,
    deadline: Instant,
    /// The engine's.
    memory: Option<Memory>,
    watch: Option<Watch>,
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory_exceeded |= desired > MEMORY_BYTES_MAX;
        Ok(desired <= MEMORY_BYTES_MAX)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}
