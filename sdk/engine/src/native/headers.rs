//! Header fields between JavaScript, where they are a flat list of byte strings, and the host, where they are field lines.

use crate::http::field_lines;
use crate::js::{
    Array, Bytes, Ctx, Exception, Func, JsString, Object, Result, Text, Utf8, byte_string,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("parseHeaders", Func::from(parse_headers))?;
    native.set(
        "isHeaderName",
        Func::from(|name: Text| is_token(name.0.as_bytes())),
    )
}

fn parse_headers<'js>(ctx: Ctx<'js>, raw: Bytes<'js>) -> Result<Array<'js>> {
    to_flat(&ctx, raw.as_slice())
}

/// Field lines as a flat list name, value, name, value.
pub fn to_flat<'js>(ctx: &Ctx<'js>, raw: &[u8]) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, (name, value)) in field_lines(raw).enumerate() {
        array.set(2 * index, byte_string(ctx, name)?)?;
        array.set(2 * index + 1, byte_string(ctx, value)?)?;
    }
    Ok(array)
}

/// A flat list as field lines. Throws where a name or value could not be one field: nothing may add lines of its own.
pub fn to_lines(ctx: &Ctx<'_>, flat: &Array<'_>) -> Result<Vec<u8>> {
    let mut raw = Vec::with_capacity(flat.len() * 24);
    for index in (0..flat.len()).step_by(2) {
        let start = raw.len();
        push_bytes(&mut raw, &flat.get(index)?)?;
        let name = &mut raw[start..];
        if !is_token(name) {
            return Err(Exception::throw_type(
                ctx,
                &format!("`{}` is not a header name", String::from_utf8_lossy(name)),
            ));
        }
        name.make_ascii_lowercase();
        raw.push(b':');
        let value = raw.len();
        push_bytes(&mut raw, &flat.get(index + 1)?)?;
        if raw[value..]
            .iter()
            .any(|byte| matches!(byte, b'\0' | b'\r' | b'\n'))
        {
            let name = String::from_utf8_lossy(&raw[start..value - 1]).into_owned();
            return Err(Exception::throw_type(
                ctx,
                &format!("the value of header `{name}` has a line break or a null"),
            ));
        }
        raw.push(b'\n');
    }
    Ok(raw)
}

/// Appends a byte string. A character that is not one byte, which JavaScript's Headers refuses, goes as UTF-8.
fn push_bytes(raw: &mut Vec<u8>, string: &JsString<'_>) -> Result<()> {
    let utf8 = Utf8::of(string)?;
    let bytes = utf8.bytes();
    if bytes.is_ascii() {
        raw.extend_from_slice(bytes);
        return Ok(());
    }
    let text = utf8.text();
    if text.chars().all(|character| u32::from(character) <= 0xFF) {
        raw.extend(text.chars().map(|character| character as u8));
    } else {
        raw.extend_from_slice(text.as_bytes());
    }
    Ok(())
}

/// RFC 9110 5.6.2.
fn is_token(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
