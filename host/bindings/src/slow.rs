//! Work that may take more than a millisecond. It runs on a thread of its own, as many at once as there are cores, so that a worker that
//! asks for much of it does not stall the connections beside it, nor keep other workers waiting; its CPU time is the invocation's.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::Duration;

use ouro_runtime::{HostState, thread_cpu_ns};

use crate::turns::Turns;

/// In the process.
static TURNS: LazyLock<Arc<Turns>> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    Turns::new(cores, cores)
});

/// Runs work over that many bytes of input, which count against the request meanwhile.
///
/// # Errors
/// The host does as much for this worker already; the text is for it.
pub async fn run<T: Send + 'static>(
    state: &mut HostState,
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> wasmtime::Result<Result<T, String>> {
    let held = match state.caller().chain().held(bytes) {
        Ok(held) => held,
        Err(text) => return Ok(Err(text)),
    };
    let worker = state.worker().version().worker.clone();
    let turn = match TURNS.take(&worker).await {
        Ok(turn) => turn,
        Err(crowded) => return Ok(Err(crowded.to_string())),
    };
    let task = tokio::task::spawn_blocking(move || {
        let began = thread_cpu_ns();
        let answer = work();
        // Both end with the work, also where nobody waits for it any longer.
        drop((turn, held));
        (answer, thread_cpu_ns().saturating_sub(began))
    });
    let (answer, used_ns) = task.await?;
    state.charge_cpu(Duration::from_nanos(used_ns));
    Ok(Ok(answer))
}
