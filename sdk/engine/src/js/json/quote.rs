//! Strings as JSON writes them (ECMA-262 25.5.2.3, QuoteJSONString), and a memory of the names of members.

use javy::quickjs::qjs::{self, JSAtom, JSContext};

use super::Step;
use super::raw::{Owned, Text};
use super::scan;

/// Appends text between quotation marks if it is ASCII without anything to escape.
pub fn push_plain(json: &mut Vec<u8>, text: &[u8]) -> bool {
    if scan::plain_length(text) < text.len() {
        return false;
    }
    json.reserve(text.len() + 2);
    json.push(b'"');
    json.extend_from_slice(text);
    json.push(b'"');
    true
}

/// Appends UTF-8 text, in which lone surrogates have the form of three bytes each, between quotation marks.
pub fn push_quoted(json: &mut Vec<u8>, utf8: &[u8]) {
    json.push(b'"');
    let mut copied = 0;
    let mut at = 0;
    while at < utf8.len() {
        let byte = utf8[at];
        if !ESCAPED[usize::from(byte)] {
            at += 1;
            continue;
        }
        // U+D000 to U+D7FF begin with the same byte as a surrogate.
        if byte == 0xED && utf8[at + 1] < 0xA0 {
            at += 3;
            continue;
        }
        json.extend_from_slice(&utf8[copied..at]);
        at += push_escape(json, &utf8[at..]);
        copied = at;
    }
    json.extend_from_slice(&utf8[copied..]);
    json.push(b'"');
}

/// Bytes that may need an escape.
const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table[0xED] = true;
    table
};

/// Appends the escape for the first character and answers with its length in UTF-8.
fn push_escape(json: &mut Vec<u8>, utf8: &[u8]) -> usize {
    let byte = utf8[0];
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0xED => {
            push_unit(
                json,
                0xD000 | u32::from(utf8[1] & 0x3F) << 6 | u32::from(utf8[2] & 0x3F),
            );
            return 3;
        }
        _ => {
            push_unit(json, u32::from(byte));
            return 1;
        }
    };
    json.extend_from_slice(&[b'\\', short]);
    1
}

fn push_unit(json: &mut Vec<u8>, unit: u32) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.extend_from_slice(b"\\u");
    json.extend([12, 8, 4, 0].map(|shift| HEX[(unit >> shift & 0xF) as usize]));
}

const SLOTS: usize = 128;
/// A document with more text in its names has few that come again.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// Quoted names of members, with the colon: the same few come again and again.
pub struct Quoted {
    context: *mut JSContext,
    /// By the atom's number: the atom, kept alive, and where its text is.
    slots: Vec<(JSAtom, u32, u32)>,
    /// Are all of them ASCII?
    ascii: bool,
    text: Vec<u8>,
}

impl Quoted {
    pub fn new(context: *mut JSContext) -> Self {
        Self {
            context,
            slots: Vec::new(),
            ascii: true,
            text: Vec::new(),
        }
    }

    /// Appends `"name":`. False where one of the names so far is not ASCII.
    pub fn push(&mut self, json: &mut Vec<u8>, name: JSAtom) -> Step<bool> {
        if self.slots.is_empty() {
            self.slots = vec![(qjs::JS_ATOM_NULL, 0, 0); SLOTS];
        }
        let (known, from, to) = self.slots[name as usize % SLOTS];
        if known == name {
            json.extend_from_slice(&self.text[from as usize..to as usize]);
            return Ok(self.ascii);
        }
        let start = json.len();
        push_name(self.context, json, name)?;
        self.ascii &= json[start..].is_ascii();
        if self.text.len() < TEXT_BYTES_MAX {
            self.keep(name, &json[start..]);
        }
        Ok(self.ascii)
    }

    fn keep(&mut self, name: JSAtom, quoted: &[u8]) {
        let from = self.text.len();
        self.text.extend_from_slice(quoted);
        let slot = &mut self.slots[name as usize % SLOTS];
        // SAFETY: the slot's atom is held here, and freed once.
        unsafe {
            qjs::JS_FreeAtom(self.context, slot.0);
            *slot = (
                qjs::JS_DupAtom(self.context, name),
                from as u32,
                self.text.len() as u32,
            );
        }
    }
}

fn push_name(context: *mut JSContext, json: &mut Vec<u8>, name: JSAtom) -> Step<()> {
    // SAFETY: the caller holds the atom.
    let text = unsafe {
        let string = Owned::take(context, qjs::JS_AtomToString(context, name))?;
        Text::of(context, string.raw())?
    };
    push_quoted(json, text.bytes());
    json.push(b':');
    Ok(())
}

impl Drop for Quoted {
    fn drop(&mut self) {
        for (atom, ..) in &self.slots {
            // SAFETY: as in `keep`; freeing no atom does nothing.
            unsafe { qjs::JS_FreeAtom(self.context, *atom) };
        }
    }
}
