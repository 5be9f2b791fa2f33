//! `atob` and `btoa`: base64 between texts whose characters stand for bytes. Null where a text is not what it should be.

use crate::js::{Ctx, Func, JsString, Object, Result, Utf8, Value, byte_string};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("atob", Func::from(atob))?;
    native.set("btoa", Func::from(btoa))
}

fn atob<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<Value<'js>> {
    match decode(Utf8::of(&text)?.bytes()) {
        Some(bytes) => Ok(byte_string(&ctx, &bytes)?.into_value()),
        None => Ok(Value::new_null(ctx)),
    }
}

fn btoa<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<Value<'js>> {
    let text = Utf8::of(&text)?;
    let bytes: Option<Vec<u8>> = text
        .text()
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect();
    match bytes {
        Some(bytes) => Ok(JsString::from_str(ctx, &encode(&bytes))?.into_value()),
        None => Ok(Value::new_null(ctx)),
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place > chunk.len() {
                text.push('=');
            } else {
                text.push(char::from(
                    ALPHABET[(bits >> (18 - 6 * place)) as usize & 63],
                ));
            }
        }
    }
    text
}

/// The forgiving decode of Infra 7: white space is dropped, padding may be missing.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut units: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' '))
        .collect();
    if units.len().is_multiple_of(4) {
        for _ in 0..2 {
            if units.last() == Some(&b'=') {
                units.pop();
            }
        }
    }
    if units.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(units.len() / 4 * 3 + 2);
    for chunk in units.chunks(4) {
        let mut bits = 0;
        for unit in chunk {
            bits = bits << 6 | value(*unit)?;
        }
        // What is left over of the last unit is dropped.
        bits <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

fn value(unit: u8) -> Option<u32> {
    let value = match unit {
        b'A'..=b'Z' => unit - b'A',
        b'a'..=b'z' => unit - b'a' + 26,
        b'0'..=b'9' => unit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
