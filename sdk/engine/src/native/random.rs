//! Randomness from the host, and `Math.random` with a seed of its own in every instance: one in the snapshot would repeat.

use std::cell::Cell;

use super::run_time_only;
use crate::bindings::wasi::random::random;
use crate::js::{Bytes, Ctx, Func, Object, Result};

thread_local! {
    /// State of xorshift64*; zero before it is seeded.
    static STATE: Cell<u64> = const { Cell::new(0) };
}

pub fn register<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("randomFill", Func::from(random_fill))?;
    ctx.globals()
        .get::<_, Object>("Math")?
        .set("random", Func::from(math_random))
}

fn random_fill<'js>(ctx: Ctx<'js>, mut view: Bytes<'js>) -> Result<()> {
    run_time_only(&ctx, "random data")?;
    let to = view.as_mut_slice();
    to.copy_from_slice(&random::get_random_bytes(to.len() as u64));
    Ok(())
}

fn math_random(ctx: Ctx<'_>) -> Result<f64> {
    run_time_only(&ctx, "Math.random()")?;
    let mut state = STATE.get();
    while state == 0 {
        state = random::get_random_u64();
    }
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    STATE.set(state);
    // The upper 53 bits as a fraction in [0, 1).
    Ok((state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64)
}
