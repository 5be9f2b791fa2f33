//! zlib, gzip and raw deflate, by zlib-rs: window sizes, memory levels, strategies and dictionaries are what `node:zlib` offers, and
//! zlib-rs is the one in Rust that has them. What a step may write is the caller's to say, so that a bomb cannot fill the memory.

use std::mem::MaybeUninit;

use zlib_rs::{
    Deflate, DeflateConfig, DeflateFlush, Inflate, InflateError, InflateFlush, Method, Status,
    Strategy,
};

use crate::js::{
    Accessor, Bytes, Class, Ctx, Error, Exception, Func, Object, Result, This, Value, bytes_value,
    native_class, throw_code,
};

/// The most that one step writes, whatever room its caller has.
const STEP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// zlib's return codes that are no errors.
const OK: i32 = 0;
const STREAM_END: i32 = 1;
const NEED_DICT: i32 = 2;
const BUF_ERROR: i32 = -5;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("createDeflate", Func::from(create_deflate))?;
    native.set("createInflate", Func::from(create_inflate))?;
    native.set("crc32", Func::from(crc32))
}

/// `NativeZlib` in `sdk/js/src/native.ts`.
struct NativeZlib {
    coder: Coder,
    /// What the last step took and how it ended.
    consumed: u32,
    status: i32,
}

enum Coder {
    Deflate(Deflate),
    /// With its window bits.
    Inflate(Inflate, i32),
}

type ThisZlib<'js> = This<Class<'js, NativeZlib>>;

native_class!(NativeZlib, "NativeZlib", |prototype| {
    prototype.set("step", Func::from(step))?;
    prototype.set("reset", Func::from(reset))?;
    prototype.set("setLevel", Func::from(set_level))?;
    prototype.set("setDictionary", Func::from(set_dictionary))?;
    let consumed = |this: ThisZlib<'_>| this.0.borrow().consumed;
    prototype.prop("consumed", Accessor::new_get(consumed))?;
    let status = |this: ThisZlib<'_>| this.0.borrow().status;
    prototype.prop("status", Accessor::new_get(status))?;
});

fn create_deflate<'js>(
    ctx: Ctx<'js>,
    level: i32,
    window_bits: i32,
    mem_level: i32,
    strategy: i32,
) -> Result<Class<'js, NativeZlib>> {
    // 9 to 15; 16 more for gzip, negative for raw.
    let is_window = matches!(window_bits, 8..=15 | 24..=31 | -15..=-9);
    let in_range = (-1..=9).contains(&level) && (1..=9).contains(&mem_level) && is_window;
    let Some(strategy) = Strategy::try_from(strategy).ok().filter(|_| in_range) else {
        return Err(out_of_range(&ctx));
    };
    let config = DeflateConfig {
        level,
        method: Method::Deflated,
        window_bits,
        mem_level,
        strategy,
    };
    instance(ctx, Coder::Deflate(Deflate::new_with_config(config)))
}

fn create_inflate(ctx: Ctx<'_>, window_bits: i32) -> Result<Class<'_, NativeZlib>> {
    // As for deflate; 32 more finds out by itself, and 0 believes the header.
    if !matches!(window_bits, 0 | 8..=15 | 24..=31 | 40..=47 | -15..=-8) {
        return Err(out_of_range(&ctx));
    }
    instance(ctx, Coder::Inflate(new_inflate(window_bits), window_bits))
}

fn instance(ctx: Ctx<'_>, coder: Coder) -> Result<Class<'_, NativeZlib>> {
    let zlib = NativeZlib {
        coder,
        consumed: 0,
        status: OK,
    };
    Class::instance(ctx, zlib)
}

fn out_of_range(ctx: &Ctx<'_>) -> Error {
    Exception::throw_range(ctx, "a parameter of zlib is out of its range")
}

/// The bits were checked: they fit.
fn new_inflate(window_bits: i32) -> Inflate {
    Inflate::new(window_bits >= 0, window_bits.unsigned_abs() as u8)
}

/// Takes from `input` what it can and answers with at most `room` bytes.
fn step<'js>(
    this: ThisZlib<'js>,
    ctx: Ctx<'js>,
    input: Bytes<'js>,
    flush: i32,
    room: u32,
) -> Result<Value<'js>> {
    let room = (room as usize).min(STEP_BYTES_MAX);
    let mut output: Vec<u8> = Vec::with_capacity(room);
    let mut this = this.0.borrow_mut();
    let before = this.coder.totals();
    let spare = &mut output.spare_capacity_mut()[..room];
    this.status = match this.coder.step(input.as_slice(), spare, flush) {
        Ok(status) => status,
        Err((code, message)) => return Err(throw_code(&ctx, code, &message)),
    };
    let after = this.coder.totals();
    this.consumed = (after.0 - before.0) as u32;
    // SAFETY: the coder wrote that many bytes of the spare capacity.
    unsafe { output.set_len((after.1 - before.1) as usize) };
    bytes_value(&ctx, &output)
}

impl Coder {
    fn totals(&self) -> (u64, u64) {
        match self {
            Self::Deflate(deflate) => (deflate.total_in(), deflate.total_out()),
            Self::Inflate(inflate, _) => (inflate.total_in(), inflate.total_out()),
        }
    }

    /// The return code; else zlib's name of the error and what it says. A flush that the coder does not know is none.
    fn step(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: i32,
    ) -> std::result::Result<i32, (&'static str, String)> {
        match self {
            Self::Deflate(deflate) => {
                let flush = DeflateFlush::try_from(flush).unwrap_or_default();
                let status = deflate.compress_uninit(input, output, flush);
                status
                    .map(return_code)
                    .map_err(|error| ("Z_STREAM_ERROR", error.as_str().to_owned()))
            }
            Self::Inflate(inflate, _) => {
                let flush = InflateFlush::try_from(flush).unwrap_or_default();
                match inflate.decompress_uninit(input, output, flush) {
                    Ok(status) => Ok(return_code(status)),
                    Err(InflateError::NeedDict { .. }) => Ok(NEED_DICT),
                    Err(error) => {
                        let message = inflate.error_message().unwrap_or(error.as_str());
                        Err((error_name(error), message.to_owned()))
                    }
                }
            }
        }
    }
}

fn return_code(status: Status) -> i32 {
    match status {
        Status::Ok => OK,
        Status::StreamEnd => STREAM_END,
        Status::BufError => BUF_ERROR,
    }
}

fn error_name(error: InflateError) -> &'static str {
    match error {
        InflateError::NeedDict { .. } => "Z_NEED_DICT",
        InflateError::StreamError => "Z_STREAM_ERROR",
        InflateError::DataError => "Z_DATA_ERROR",
        InflateError::MemError => "Z_MEM_ERROR",
    }
}

/// Begins a new stream with the same parameters.
fn reset(this: ThisZlib<'_>) {
    let mut this = this.0.borrow_mut();
    match &mut this.coder {
        Coder::Deflate(deflate) => deflate.reset(),
        Coder::Inflate(inflate, window_bits) => *inflate = new_inflate(*window_bits),
    }
    (this.consumed, this.status) = (0, OK);
}

/// zlib's code: 0, or -5 where what was written before must be taken first.
fn set_level(this: ThisZlib<'_>, ctx: Ctx<'_>, level: i32) -> Result<i32> {
    if !(-1..=9).contains(&level) {
        return Err(out_of_range(&ctx));
    }
    match &mut this.0.borrow_mut().coder {
        Coder::Deflate(deflate) => deflate
            .set_level(level)
            .map(return_code)
            .map_err(|error| throw_code(&ctx, "Z_STREAM_ERROR", error.as_str())),
        Coder::Inflate(..) => Ok(OK),
    }
}

fn set_dictionary<'js>(this: ThisZlib<'js>, ctx: Ctx<'js>, dictionary: Bytes<'js>) -> Result<()> {
    let failed = match &mut this.0.borrow_mut().coder {
        Coder::Deflate(deflate) => deflate
            .set_dictionary(dictionary.as_slice())
            .err()
            .map(|error| ("Z_STREAM_ERROR", error.as_str())),
        Coder::Inflate(inflate, _) => inflate
            .set_dictionary(dictionary.as_slice())
            .err()
            .map(|error| (error_name(error), error.as_str())),
    };
    match failed {
        Some((code, message)) => Err(throw_code(&ctx, code, message)),
        None => Ok(()),
    }
}

fn crc32(data: Bytes<'_>, start: u32) -> u32 {
    zlib_rs::crc32::crc32(start, data.as_slice())
}
