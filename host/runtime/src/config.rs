//! What one runtime is told at its start, and the wasmtime configuration that follows from it.

use std::path::PathBuf;
use std::time::Duration;

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::places::MANAGEMENT_INSTANCES;

/// Most memory that `limits.memory_bytes` of a version can grant, in bytes.
pub const MEMORY_BYTES_CEILING: u64 = 1 << 30;

/// The engine ends recursion by its own limit, 1 MiB of its own stack (`sdk/engine/src/js/mod.rs`), as a `RangeError`. What it keeps in
/// native frames meanwhile, in its parser for one, is up to 16 times as much; with less, recursion would trap.
const WASM_STACK_BYTES: usize = 16 << 20;
/// Beyond the guest's own stack: room for host functions.
const HOST_STACK_BYTES: usize = 1 << 20;
/// Pages of a slot that are reset in place instead of given back: what makes a hot request free of page faults.
const MEMORY_RESIDENT_BYTES: usize = 1 << 20;
const TABLE_RESIDENT_BYTES: usize = 64 << 10;
/// What is kept of a stack, and overwritten after each invocation: a plain request uses 20 KiB. What deeper recursion has touched is given
/// back.
const STACK_RESIDENT_BYTES: usize = 32 << 10;
pub(crate) const TABLE_ELEMENTS: usize = 65_536;
/// A component of another language is a few core modules (its own, a WASI adapter, shims) with one memory and two tables.
/// There is room for four of them composed; a component that wants more is refused when it is loaded, so that no single
/// instance empties the pool.
const CORE_INSTANCES_PER_COMPONENT: u32 = 20;
const TABLES_PER_COMPONENT: u32 = 16;
const MEMORIES_PER_COMPONENT: u32 = 4;

/// Settings of a [`crate::Runtime`].
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// Invocations of workers that run at once; one more is refused as overloaded. Half of them may hold WebSockets.
    pub instances_max: u32,
    /// Instances that keep their memory after an invocation, so that the next one of the same worker has no page faults.
    pub instances_warm_max: u32,
    /// Code of workers that is kept in memory.
    pub code_bytes_max: u64,
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
            cache_dir: cache_dir.into(),
            cache_key,
            tick: Duration::from_millis(5),
            colo: String::new(),
        }
    }

    pub(crate) fn wasmtime(&self, pagemap_scan: bool) -> Config {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            // The 0.2 interfaces need no component-model async.
            .concurrency_support(false)
            .memory_init_cow(true)
            .max_wasm_stack(WASM_STACK_BYTES)
            .async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES)
            .async_stack_zeroing(true)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(self.pool(pagemap_scan)));
        config
    }

    fn pool(&self, pagemap_scan: bool) -> PoolingAllocationConfig {
        let instances = self.instances_max.saturating_add(MANAGEMENT_INSTANCES);
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(instances)
            .total_core_instances(instances.saturating_mul(CORE_INSTANCES_PER_COMPONENT))
            // Nearly all have one; those of a composition are counted against the instances.
            .total_memories(instances.max(MEMORIES_PER_COMPONENT))
            .total_tables(instances.saturating_mul(TABLES_PER_COMPONENT))
            .total_stacks(instances)
            .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
            .max_memories_per_component(MEMORIES_PER_COMPONENT)
            .max_tables_per_component(TABLES_PER_COMPONENT)
            .max_memory_size(MEMORY_BYTES_CEILING as usize)
            .table_elements(TABLE_ELEMENTS)
            .max_unused_warm_slots(self.instances_warm_max)
            .linear_memory_keep_resident(MEMORY_RESIDENT_BYTES)
            .table_keep_resident(TABLE_RESIDENT_BYTES)
            .async_stack_keep_resident(STACK_RESIDENT_BYTES)
            .pagemap_scan(if pagemap_scan {
                Enabled::Yes
            } else {
                Enabled::No
            });
        pool
    }
}
