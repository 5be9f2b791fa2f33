//! Brotli and Zstandard, which the host does: see `wit/compression.wit`.

use super::run_time_only;
use crate::bindings::ouro::host::compression::{
    Coder, Error as HostError, Format, Operation, State,
};
use crate::js::{
    Accessor, Bytes, Class, Ctx, Error, Exception, Func, Object, Result, Text, This, Value,
    bytes_value, native_class, throw_code,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("createCoder", Func::from(create_coder))
}

/// `NativeCoder` in `sdk/js/src/native.ts`.
struct NativeCoder {
    /// Until it is closed.
    coder: Option<Coder>,
    /// What the last step took and how it ended.
    consumed: u32,
    state: u8,
}

type ThisCoder<'js> = This<Class<'js, NativeCoder>>;

native_class!(NativeCoder, "NativeCoder", |prototype| {
    prototype.set("step", Func::from(step))?;
    prototype.set("close", Func::from(close))?;
    let consumed = |this: ThisCoder<'_>| this.0.borrow().consumed;
    prototype.prop("consumed", Accessor::new_get(consumed))?;
    let state = |this: ThisCoder<'_>| this.0.borrow().state;
    prototype.prop("state", Accessor::new_get(state))?;
});

fn create_coder<'js>(
    ctx: Ctx<'js>,
    format: Text,
    compresses: bool,
    parameters: Vec<i32>,
    total: Option<f64>,
) -> Result<Class<'js, NativeCoder>> {
    let (format, name) = match format.0.as_str() {
        "brotli" => (Format::Brotli, "Brotli"),
        _ => (Format::Zstd, "Zstandard"),
    };
    run_time_only(&ctx, name)?;
    let pairs = parameters.chunks_exact(2);
    let parameters: Vec<_> = pairs.map(|pair| (pair[0] as u32, pair[1])).collect();
    let coder = if compresses {
        Coder::compress(format, &parameters, total.map(|total| total as u64))
    } else {
        Coder::decompress(format, &parameters)
    };
    let coder = NativeCoder {
        coder: Some(coder.map_err(|error| thrown(&ctx, error))?),
        consumed: 0,
        state: 0,
    };
    Class::instance(ctx, coder)
}

fn thrown(ctx: &Ctx<'_>, error: HostError) -> Error {
    match error {
        HostError::Coding((number, text)) => throw_code(ctx, &number.to_string(), &text),
        HostError::Parameter => throw_code(ctx, "parameter", "no such parameter"),
        HostError::Limit(text) => throw_code(ctx, "limit", &text),
    }
}

fn step<'js>(
    this: ThisCoder<'js>,
    ctx: Ctx<'js>,
    input: Bytes<'js>,
    operation: u8,
    room: u32,
) -> Result<Value<'js>> {
    let operation = match operation {
        0 => Operation::Process,
        1 => Operation::Flush,
        2 => Operation::Finish,
        _ => Operation::Metadata,
    };
    let mut this = this.0.borrow_mut();
    let Some(coder) = &this.coder else {
        return Err(Exception::throw_message(&ctx, "the coder is closed"));
    };
    let progress = coder
        .step(input.as_slice(), operation, room)
        .map_err(|error| thrown(&ctx, error))?;
    this.consumed = progress.consumed;
    this.state = match progress.state {
        State::Hungry => 0,
        State::More => 1,
        State::Ended => 2,
    };
    bytes_value(&ctx, &progress.output)
}

fn close(this: ThisCoder<'_>) {
    this.0.borrow_mut().coder = None;
}
