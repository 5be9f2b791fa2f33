//! The engine as the builder calls it: the functions `ouro_build_*` of `sdk/engine/src/builder.rs`, over wasmtime's core API.
//!
//! The code that runs in here is hostile: it gets a limited time and memory, and every import of the engine is a trap.

use std::time::Instant;

use serde::Deserialize;
use wasmtime::{
    Instance, Linker, Memory, Module, ResourceLimiter, Store, Trap, TypedFunc, UpdateDeadline,
};

/// JavaScript memory, stack and engine together.
pub const MEMORY_BYTES_MAX: usize = 128 * 1024 * 1024;
const TABLE_ELEMENTS_MAX: usize = 100_000;

/// Why a call of the engine gave no result.
#[derive(Debug)]
pub enum GuestError {
    /// The code threw.
    Failure(Failure),
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

/// What the engine makes of a bundle.
pub struct Compiled {
    pub bytecode: Vec<u8>,
    /// Where its functions are, as the engine writes it.
    pub places: Vec<u8>,
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
            },
        );
        store.limiter(|limits| limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            Ok(if Instant::now() < deadline {
                UpdateDeadline::Continue(1)
            } else {
                UpdateDeadline::Interrupt
            })
        });
        let image = Instance::new(&mut store, image, &[]).map_err(broken)?;
        let memory = image
            .get_memory(&mut store, "memory")
            .ok_or_else(|| broken("no memory"))?;
        let mut linker = Linker::new(engine.engine());
        linker
            .define(&store, "env", "memory", memory)
            .map_err(broken)?;
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
        let bytecode = self.call_with("ouro_build_compile", source.as_bytes())?;
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
        let alloc = self.function::<u32, u32>("ouro_build_alloc")?;
        let function = self.function::<(u32, u32), u64>(name)?;
        let length = u32::try_from(argument.len()).map_err(|_| GuestError::OutOfMemory)?;
        let start = self.call(&alloc, length)?;
        self.memory
            .write(&mut self.store, start as usize, argument)
            .map_err(|_| GuestError::OutOfMemory)?;
        let answer = self.call(&function, (start, length))?;
        self.take_answer(answer)
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
    GuestError::Engine(error.to_string())
}

struct Limits {
    memory_exceeded: bool,
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
