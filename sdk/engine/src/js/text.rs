//! Strings between JavaScript, where they are UTF-16 and may hold lone surrogates, and Rust.

use std::borrow::Cow;

use javy::quickjs::qjs;

use super::{Array, Ctx, Error, FromJs, JsString, Result, Value};

/// The UTF-8 form of a JavaScript string, in place where QuickJS holds it as ASCII.
pub struct Utf8<'js> {
    // Keeps the context alive for the release of the bytes.
    ctx: Ctx<'js>,
    start: *const std::ffi::c_char,
    length: usize,
}

impl<'js> Utf8<'js> {
    pub fn of(string: &JsString<'js>) -> Result<Self> {
        let ctx = string.ctx().clone();
        let mut length = 0;
        // SAFETY: the value is a string of this context; the answer is null or `length` bytes that live until JS_FreeCString.
        let start = unsafe {
            qjs::JS_ToCStringLen2(ctx.as_raw().as_ptr(), &mut length, string.as_raw(), false)
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

    /// Valid UTF-8, but for lone surrogates in the form of three bytes each.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: see `of`.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }

    /// Lone surrogates become U+FFFD, as in the Web's USVString.
    pub fn text(&self) -> Cow<'_, str> {
        match std::str::from_utf8(self.bytes()) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(replace_surrogates(self.bytes())),
        }
    }
}

impl Drop for Utf8<'_> {
    fn drop(&mut self) {
        // SAFETY: it came from JS_ToCStringLen2 of this context.
        unsafe { qjs::JS_FreeCString(self.ctx.as_raw().as_ptr(), self.start) };
    }
}

/// A surrogate is ED A0..BF 80..BF, and U+FFFD is as long: EF BF BD.
fn replace_surrogates(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at + 2 < bytes.len() {
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A string argument, without lone surrogates.
pub struct Text(pub String);

impl<'js> FromJs<'js> for Text {
    fn from_js(_ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let string = value
            .as_string()
            .ok_or(Error::new_from_js(value.type_name(), "string"))?;
        Ok(Self(Utf8::of(string)?.text().into_owned()))
    }
}

/// Text with one character for each byte, as HTTP field values are given to JavaScript.
pub fn byte_string<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<JsString<'js>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => JsString::from_str(ctx.clone(), text),
        _ => JsString::from_str(
            ctx.clone(),
            &bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>(),
        ),
    }
}

/// A flat list of strings as an array.
pub fn string_array<'js, T: AsRef<str>>(
    ctx: &Ctx<'js>,
    strings: impl IntoIterator<Item = T>,
) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, string) in strings.into_iter().enumerate() {
        array.set(index, JsString::from_str(ctx.clone(), string.as_ref())?)?;
    }
    Ok(array)
}
