//! Privileged: sealing of secrets.

use super::run_time_only;
use crate::bindings::ouro::host::secrets;
use crate::js::{Ctx, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("secretsSeal", Func::from(seal))
}

fn seal(ctx: Ctx<'_>, plaintext: Text) -> Result<String> {
    run_time_only(&ctx, "sealing a secret")?;
    secrets::seal(&plaintext.0).map_err(|message| throw_code(&ctx, "unavailable", &message))
}
