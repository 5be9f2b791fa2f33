//! Bytes between JavaScript's buffers and Rust.

use javy::quickjs::qjs;

use super::{Ctx, Error, FromJs, Result, Value};

/// The bytes of a typed array, DataView or ArrayBuffer argument. Valid until JavaScript runs again.
pub struct Bytes<'js> {
    // Keeps the buffer alive.
    _owner: Value<'js>,
    start: *const u8,
    length: usize,
}

impl Bytes<'_> {
    pub fn as_slice(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the buffer is alive, and detaching it takes JavaScript, which does not run while a native function does.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// For natives that fill a view.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: as in `as_slice`; nothing else in Rust points into the buffer.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast_mut(), self.length) }
    }
}

impl<'js> FromJs<'js> for Bytes<'js> {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let (start, length) = view_of(ctx, &value)?;
        Ok(Self {
            _owner: value,
            start,
            length,
        })
    }
}

fn view_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    // SAFETY: the questions take any value.
    let (is_typed_array, is_buffer) = unsafe {
        (
            qjs::JS_GetTypedArrayType(value.as_raw()) >= 0,
            qjs::JS_IsArrayBuffer(value.as_raw()),
        )
    };
    if is_typed_array {
        return typed_array_of(ctx, value);
    }
    if is_buffer {
        return buffer_of(ctx, value);
    }
    // A DataView, else not bytes at all.
    let not_bytes = || Error::new_from_js(value.type_name(), "bytes");
    let view = value.as_object().ok_or_else(not_bytes)?;
    let (Some(offset), Some(length)) = (view.get("byteOffset")?, view.get("byteLength")?) else {
        return Err(not_bytes());
    };
    let buffer: Value = view.get("buffer")?;
    // SAFETY: the question takes any value.
    if !unsafe { qjs::JS_IsArrayBuffer(buffer.as_raw()) } {
        return Err(not_bytes());
    }
    part_of(ctx, &buffer, offset, length).ok_or_else(not_bytes)?
}

fn typed_array_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    let (mut offset, mut length, mut element) = (0, 0, 0);
    // SAFETY: the value is a typed array of this context; the answer is its buffer, owned, or an exception.
    let buffer = unsafe {
        let context = ctx.as_raw().as_ptr();
        let buffer = qjs::JS_GetTypedArrayBuffer(
            context,
            value.as_raw(),
            &mut offset,
            &mut length,
            &mut element,
        );
        if qjs::JS_IsException(buffer) {
            return Err(Error::Exception);
        }
        Value::from_raw(ctx.clone(), buffer)
    };
    part_of(ctx, &buffer, offset as usize, length as usize)
        .ok_or(Error::new_from_js("typed array", "bytes"))?
}

/// A part of an ArrayBuffer or a SharedArrayBuffer; none where it is not inside the buffer.
fn part_of<'js>(
    ctx: &Ctx<'js>,
    buffer: &Value<'js>,
    offset: usize,
    length: usize,
) -> Option<Result<(*const u8, usize)>> {
    let (start, whole) = match buffer_of(ctx, buffer) {
        Ok(whole) => whole,
        Err(error) => return Some(Err(error)),
    };
    // SAFETY: `offset` is within the buffer.
    (offset.checked_add(length)? <= whole).then(|| Ok((unsafe { start.add(offset) }, length)))
}

fn buffer_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    let mut length = 0;
    // SAFETY: the value is an ArrayBuffer or a SharedArrayBuffer of this context.
    let start =
        unsafe { qjs::JS_GetArrayBuffer(ctx.as_raw().as_ptr(), &mut length, value.as_raw()) };
    // It throws where the buffer is detached; an empty one may have no address either.
    if start.is_null() && ctx.has_exception() {
        return Err(Error::Exception);
    }
    Ok((start.cast_const(), length as usize))
}

/// A new Uint8Array. The bytes are copied: QuickJS loses track of who frees foreign memory when `transfer` moves it to another
/// buffer, and does not count it as garbage to collect.
pub fn bytes_value<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Value<'js>> {
    // SAFETY: it reads `bytes` within the call and answers with a new value or an exception.
    unsafe {
        let value = qjs::JS_NewUint8ArrayCopy(
            ctx.as_raw().as_ptr(),
            bytes.as_ptr(),
            bytes.len() as qjs::size_t,
        );
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}
