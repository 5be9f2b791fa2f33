//! The monotonic clock and timers. `Date` reads the wall clock through `p1`.

use std::cell::Cell;

use super::run_time_only;
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::event_loop;
use crate::js::{Ctx, Func, Function, Object, Persistent, Result, context};

thread_local! {
    /// The first reading of this invocation. Taken when it is asked for, so that an invocation that never does pays nothing.
    static ORIGIN: Cell<Option<u64>> = const { Cell::new(None) };
}

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("monotonicMs", Func::from(monotonic_ms))?;
    native.set("startTimer", Func::from(start_timer))?;
    native.set("cancelTimer", Func::from(cancel_timer))
}

fn monotonic_ms(ctx: Ctx<'_>) -> Result<f64> {
    run_time_only(&ctx, "reading the clock")?;
    let now = monotonic_clock::now();
    let origin = ORIGIN.get().unwrap_or(now);
    ORIGIN.set(Some(origin));
    Ok(now.saturating_sub(origin) as f64 / 1e6)
}

fn start_timer<'js>(ctx: Ctx<'js>, ms: f64, callback: Function<'js>) -> Result<u32> {
    run_time_only(&ctx, "starting a timer")?;
    let callback = context::bind(&ctx, callback)?;
    Ok(event_loop::start_timer(
        ms,
        Persistent::save(&ctx, callback),
    ))
}

fn cancel_timer(id: u32) {
    event_loop::cancel_timer(id);
}
