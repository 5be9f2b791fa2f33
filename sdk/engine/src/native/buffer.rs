//! What is hot in `Buffer` of `node:buffer`: the encodings, searching and comparing.
//!
//! Encodings go by number: 0 utf8, 1 latin1, 2 ascii, 3 utf16le, 4 base64, 5 base64url, 6 hex. As in Node.js decoding never fails: base64 skips
//! what does not belong there, hex ends before it.

use std::cmp::Ordering;

use crate::js::{
    Bytes, Ctx, Exception, Func, JsString, Object, Result, Utf8, Utf16, Value, bytes_value,
    utf16_string,
};

const UTF8: u32 = 0;
const LATIN1: u32 = 1;
const ASCII: u32 = 2;
const UTF16LE: u32 = 3;
const BASE64: u32 = 4;
const BASE64URL: u32 = 5;
const HEX: u32 = 6;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("bufferEncode", Func::from(encode))?;
    native.set("bufferWrite", Func::from(write))?;
    native.set("bufferByteLength", Func::from(byte_length))?;
    native.set("bufferDecode", Func::from(decode))?;
    native.set("bufferIndexOf", Func::from(index_of))?;
    native.set("bufferLastIndexOf", Func::from(last_index_of))?;
    native.set("bufferCompare", Func::from(compare))
}

fn encode<'js>(ctx: Ctx<'js>, text: JsString<'js>, encoding: u32) -> Result<Value<'js>> {
    if encoding == UTF8 {
        return bytes_value(&ctx, Utf8::of(&text)?.text().as_bytes());
    }
    bytes_value(&ctx, &to_bytes(&ctx, &text, encoding)?)
}

/// Fills the view from its beginning; answers with the bytes written. A character that does not fit is left out whole.
fn write<'js>(
    ctx: Ctx<'js>,
    text: JsString<'js>,
    mut view: Bytes<'js>,
    encoding: u32,
) -> Result<usize> {
    let bytes = to_bytes(&ctx, &text, encoding)?;
    let to = view.as_mut_slice();
    let mut written = bytes.len().min(to.len());
    if encoding == UTF8 {
        while written < bytes.len() && written > 0 && is_continuation(bytes[written]) {
            written -= 1;
        }
    } else if encoding == UTF16LE {
        written -= written % 2;
    }
    to[..written].copy_from_slice(&bytes[..written]);
    Ok(written)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn byte_length<'js>(text: JsString<'js>) -> Result<usize> {
    Ok(Utf8::of(&text)?.bytes().len())
}

fn to_bytes<'js>(ctx: &Ctx<'js>, text: &JsString<'js>, encoding: u32) -> Result<Vec<u8>> {
    if encoding == UTF8 {
        return Ok(Utf8::of(text)?.text().into_owned().into_bytes());
    }
    let units = Utf16::of(text)?;
    let units = units.units();
    Ok(match encoding {
        LATIN1 | ASCII => units.iter().map(|unit| *unit as u8).collect(),
        UTF16LE => units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        BASE64 | BASE64URL => from_base64(units),
        HEX => from_hex(units),
        _ => return Err(unknown(ctx, encoding)),
    })
}

fn unknown(ctx: &Ctx<'_>, encoding: u32) -> crate::js::Error {
    Exception::throw_range(ctx, &format!("no encoding has the number {encoding}"))
}

fn from_hex(units: &[u16]) -> Vec<u8> {
    let digit = |unit: u16| char::from_u32(unit.into())?.to_digit(16);
    units
        .chunks_exact(2)
        .map_while(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8))
        .collect()
}

fn from_base64(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for unit in units {
        let Some(value) = base64_value(*unit) else {
            if *unit == u16::from(b'=') {
                break;
            }
            continue;
        };
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// Both alphabets of RFC 4648 are read, whichever is asked for.
fn base64_value(unit: u16) -> Option<u32> {
    let value = match u8::try_from(unit).ok()? {
        letter @ b'A'..=b'Z' => letter - b'A',
        letter @ b'a'..=b'z' => letter - b'a' + 26,
        digit @ b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

fn decode<'js>(
    ctx: Ctx<'js>,
    bytes: Bytes<'js>,
    encoding: u32,
    start: usize,
    end: usize,
) -> Result<Value<'js>> {
    let bytes = bytes.as_slice();
    let end = end.min(bytes.len());
    let bytes = &bytes[start.min(end)..end];
    let text = |text: &str| Ok(JsString::from_str(ctx.clone(), text)?.into_value());
    match encoding {
        UTF8 => text(&String::from_utf8_lossy(bytes)),
        LATIN1 | ASCII => {
            let mask = if encoding == ASCII { 0x7F } else { 0xFF };
            let units: Vec<u16> = bytes.iter().map(|byte| u16::from(byte & mask)).collect();
            utf16_string(&ctx, &units)
        }
        UTF16LE => {
            let pairs = bytes.chunks_exact(2);
            let units: Vec<u16> = pairs.map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            utf16_string(&ctx, &units)
        }
        BASE64 => text(&to_base64(bytes, STANDARD, true)),
        BASE64URL => text(&to_base64(bytes, URL_SAFE, false)),
        HEX => text(&to_hex(bytes)),
        _ => Err(unknown(&ctx, encoding)),
    }
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn to_base64(bytes: &[u8], alphabet: &[u8; 64], padded: bool) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            if place <= chunk.len() {
                let value = bits >> (18 - 6 * place) & 63;
                text.push(char::from(alphabet[value as usize]));
            } else if padded {
                text.push('=');
            }
        }
    }
    text
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The first place at or after `from`, a multiple of `step` bytes behind the beginning; -1 where there is none.
fn index_of<'js>(all: Bytes<'js>, part: Bytes<'js>, from: usize, step: usize) -> f64 {
    let (all, part) = (all.as_slice(), part.as_slice());
    let Some(last) = all.len().checked_sub(part.len()) else {
        return -1.0;
    };
    let found = (from..=last)
        .filter(|at| at % step.max(1) == 0)
        .find(|at| all[*at..].starts_with(part));
    place(found)
}

/// The last place at or before `from`.
fn last_index_of<'js>(all: Bytes<'js>, part: Bytes<'js>, from: usize, step: usize) -> f64 {
    let (all, part) = (all.as_slice(), part.as_slice());
    let Some(last) = all.len().checked_sub(part.len()) else {
        return -1.0;
    };
    let found = (0..=from.min(last))
        .rev()
        .filter(|at| at % step.max(1) == 0)
        .find(|at| all[*at..].starts_with(part));
    place(found)
}

fn place(found: Option<usize>) -> f64 {
    found.map_or(-1.0, |at| at as f64)
}

fn compare<'js>(a: Bytes<'js>, b: Bytes<'js>) -> i32 {
    match a.as_slice().cmp(b.as_slice()) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}
