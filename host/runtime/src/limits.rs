//! What one invocation may use, and how the guest is stopped when it wants more.

use std::time::Instant;

use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};

use crate::config::{
    CORE_INSTANCES_PER_COMPONENT, MEMORIES_PER_COMPONENT, TABLE_ELEMENTS, TABLES_PER_COMPONENT,
};
use crate::exceeded::Exceeded;
use crate::meter;
use crate::state::HostState;
use crate::turns::{self, SLICE};

/// Ends a guest from inside: the trap's cause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("CPU time limit")]
    Cpu,
    #[error("time limit")]
    Wall,
    #[error("{0}")]
    InvalidResponse(String),
    #[error("not a JavaScript worker")]
    NotHttp,
    #[error("all instances are in use")]
    Overloaded,
    #[error("{0} invocations may hold a WebSocket")]
    Sockets(u32),
    #[error("{0} invocations of the worker run")]
    Crowded(u64),
    #[error("{0}")]
    Exceeded(Exceeded),
}

/// Memory of a guest, over all of its linear memories.
impl ResourceLimiter for HostState {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory_bytes + (desired.saturating_sub(current)) as u64;
        let allowed = total <= self.memory_bytes_limit;
        if allowed {
            self.memory_bytes = total;
        }
        self.shared.note_memory(self.memory_bytes, allowed);
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_PER_COMPONENT
    }

    fn tables(&self) -> usize {
        TABLES_PER_COMPONENT
    }

    fn memories(&self) -> usize {
        MEMORIES_PER_COMPONENT
    }
}

/// Called at each tick that the guest spends computing: it ends, or lets others run where it has used its slice. A guest that only happens to
/// run at a tick goes on.
pub(crate) fn on_tick(store: StoreContextMut<'_, HostState>) -> wasmtime::Result<UpdateDeadline> {
    let shared = &store.data().shared;
    let now = meter::thread_cpu_ns();
    if shared.cpu_ns_so_far(now) > shared.limits.cpu_ms.saturating_mul(1_000_000) {
        return Err(Stop::Cpu.into());
    }
    if shared
        .wall_deadline(None)
        .is_some_and(|deadline| Instant::now() > deadline)
    {
        return Err(Stop::Wall.into());
    }
    if shared.polled_for(now) < SLICE {
        return Ok(UpdateDeadline::Continue(1));
    }
    shared.let_wait_for_turn(true);
    let (shared, turn) = (shared.clone(), turns::next());
    let wait = async move {
        turn.await;
        shared.let_wait_for_turn(false);
    };
    Ok(UpdateDeadline::YieldCustom(1, Box::pin(wait)))
}
