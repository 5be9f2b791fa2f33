//! What one runtime is told at its start, and the wasmtime configuration that follows from it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Config, InstanceAllocationStrategy};

use crate::slots::{Slots, Stacks};
use crate::turns::SLICE;

/// Most memory that `limits.memory_bytes` of a version can grant, in bytes.
pub const MEMORY_BYTES_CEILING: u64 = 1 << 30;

/// The engine ends recursion by its own limit, 1 MiB of its own stack (`sdk/engine/src/js/mod.rs`), as a `RangeError`. What it keeps in
/// native frames meanwhile, in its parser for one, is up to 16 times as much; with less, recursion would trap.
const WASM_STACK_BYTES: usize = 16 << 20;
/// Beyond the guest's own stack: room for host functions.
const HOST_STACK_BYTES: usize = 1 << 20;
pub(crate) const TABLE_ELEMENTS: usize = 65_536;
/// A component of another language is a few core modules (its own, a WASI adapter, shims) with one memory and two tables.
/// There is room for four of them composed.
pub(crate) const CORE_INSTANCES_PER_COMPONENT: usize = 20;
pub(crate) const TABLES_PER_COMPONENT: usize = 16;
pub(crate) const MEMORIES_PER_COMPONENT: usize = 4;

/// Settings of a [`crate::Runtime`].
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// Invocations of workers that run at once; one more is refused as overloaded. Half of them may hold WebSockets.
    pub instances_max: u32,
    /// Instances that keep their memory after an invocation, so that the next one of the same worker has no page faults.
    pub instances_warm_max: u32,
    /// Code of workers that is kept in memory.
    pub code_bytes_max: u64,
    /// Workers that are called often have a file in memory: so many at most, each of which takes a descriptor.
    pub files_max: u32,
    /// Folder for native code of this node. It is safe to delete.
    pub cache_dir: PathBuf,
    /// Authenticates the native code in `cache_dir`.
    pub cache_key: [u8; 32],
    /// How often a running guest lets others run, and how exact its CPU limit is.
    pub tick: Duration,
    /// Name of this node's place, as workers see it in `request.cf`.
    pub colo: String,
}

impl RuntimeConfig {
    pub fn new(cache_dir: impl Into<PathBuf>, cache_key: [u8; 32]) -> Self {
        Self {
            instances_max: 1_000,
            instances_warm_max: 256,
            code_bytes_max: 1 << 30,
            files_max: 512,
            cache_dir: cache_dir.into(),
            cache_key,
            tick: SLICE,
            colo: String::new(),
        }
    }

    pub(crate) fn wasmtime(&self, slots: &Slots) -> Config {
        let warm_max = self.instances_warm_max as usize;
        let stack_bytes = WASM_STACK_BYTES + HOST_STACK_BYTES;
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            // The 0.2 interfaces need no component-model async.
            .concurrency_support(false)
            // Images of memories are the affair of the slots.
            .memory_init_cow(false)
            .max_wasm_stack(WASM_STACK_BYTES)
            .async_stack_size(stack_bytes)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .with_host_memory(Arc::new(slots.clone()))
            .with_host_stack(Arc::new(Stacks::new(stack_bytes, warm_max)));
        config
    }
}
