//! Strings as UTF-16, which is what JavaScript's strings are.

use javy::quickjs::qjs;

use super::{Ctx, Error, JsString, Result, Value};

/// The code units of a string, lone surrogates included.
pub struct Utf16<'js> {
    // Keeps the context alive for the release of the units.
    ctx: Ctx<'js>,
    start: *const u16,
    length: usize,
}

impl<'js> Utf16<'js> {
    pub fn of(string: &JsString<'js>) -> Result<Self> {
        let ctx = string.ctx().clone();
        let mut length = 0;
        // SAFETY: the value is a string of this context; the answer is null or `length` units that live until JS_FreeCStringUTF16.
        let start = unsafe {
            qjs::JS_ToCStringLenUTF16(ctx.as_raw().as_ptr(), &mut length, string.as_raw())
        };
        if start.is_null() {
            return Err(Error::Exception);
        }
        Ok(Self {
            ctx,
            start,
            length: length as usize,
        })
    }

    pub fn units(&self) -> &[u16] {
        // SAFETY: see `of`.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl Drop for Utf16<'_> {
    fn drop(&mut self) {
        // SAFETY: it came from JS_ToCStringLenUTF16 of this context.
        unsafe { qjs::JS_FreeCStringUTF16(self.ctx.as_raw().as_ptr(), self.start) };
    }
}

/// A string of these code units.
pub fn utf16_string<'js>(ctx: &Ctx<'js>, units: &[u16]) -> Result<Value<'js>> {
    // SAFETY: it reads `units` within the call and answers with a new value or an exception.
    unsafe {
        let length = units.len() as qjs::size_t;
        let value = qjs::JS_NewStringUTF16(ctx.as_raw().as_ptr(), units.as_ptr(), length);
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}
