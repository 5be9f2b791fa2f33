//! `JSON.parse` (ECMA-262 25.5.1).

use javy::quickjs::qjs::{self, JSContext, JSValue};

use super::members::Names;
use super::number;
use super::plain::Shapes;
use super::raw::{self, Owned, Text};
use super::scan;
use super::syntax::{self, Fault};
use super::{Realm, Step, Thrown, answer};

/// # Safety
/// QuickJS calls it with two arguments at least.
pub unsafe extern "C" fn parse(
    context: *mut JSContext,
    this: JSValue,
    count: std::ffi::c_int,
    arguments: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS fills up the arguments to the function's length, which is two.
    unsafe {
        let (text, reviver) = (*arguments, *arguments.add(1));
        answer(context, |realm| {
            // A string even where it was made from something that answers otherwise the next time.
            let text = Owned::take(context, qjs::JS_ToString(context, text))?;
            let utf8 = Text::of(context, text.raw())?;
            let value = parse_text(context, utf8.bytes())?;
            if count < 2 || !qjs::JS_IsFunction(context, reviver) {
                return Ok(value);
            }
            drop(value);
            revive(context, realm, this, text, reviver)
        })
    }
}

/// # Safety
/// The values belong to the context.
unsafe fn revive(
    context: *mut JSContext,
    realm: Realm,
    this: JSValue,
    text: Owned,
    reviver: JSValue,
) -> Step<Owned> {
    let mut arguments = [text.raw(), reviver];
    // SAFETY: as the caller says.
    unsafe {
        let value = qjs::JS_Call(context, realm.parse, this, 2, arguments.as_mut_ptr());
        Owned::take(context, value)
    }
}

/// # Safety
/// The context is alive.
unsafe fn parse_text(context: *mut JSContext, text: &[u8]) -> Step<Owned> {
    let mut parser = Parser {
        context,
        text,
        at: 0,
        open: Vec::new(),
        values: Vec::new(),
        member_names: Vec::new(),
        scratch: Vec::new(),
        names: Names::new(context),
        shapes: Shapes::new(context),
    };
    match parser.document() {
        Ok(value) => Ok(value),
        Err(Failure::Thrown) => Err(Thrown),
        // SAFETY: as the caller says.
        Err(Failure::Syntax(fault)) => {
            Err(unsafe { syntax::throw(context, text, parser.at, fault) })
        }
    }
}

enum Failure {
    Thrown,
    /// At the parser's place.
    Syntax(Fault),
}

impl From<Thrown> for Failure {
    fn from(_: Thrown) -> Self {
        Self::Thrown
    }
}

type Parsed<T> = Result<T, Failure>;

/// An array or object that has not ended.
#[derive(Clone, Copy)]
enum Open {
    /// Its elements are those of `Parser::values` from here on.
    Array(usize),
    /// Its members are those of `Parser::values` and `Parser::member_names` from here on.
    Object {
        values: usize,
        names: usize,
        /// The number of the name that was read last.
        last: usize,
    },
}

struct Parser<'a> {
    context: *mut JSContext,
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// Owned, of all that is open.
    values: Vec<JSValue>,
    /// The names of members of all objects that are open, and of those that are being read.
    member_names: Vec<qjs::JSAtom>,
    /// The characters of a string with escapes.
    scratch: Vec<u8>,
    names: Names<'a>,
    shapes: Shapes,
}

impl Drop for Parser<'_> {
    fn drop(&mut self) {
        for value in &self.values {
            // SAFETY: an object or array that was made took its own away.
            unsafe { qjs::JS_FreeValue(self.context, *value) };
        }
    }
}

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Owned> {
        let mut value = self.start_value()?;
        loop {
            // `value` is none where an array or object began.
            let ended = match (value, self.open.last()) {
                (None, _) => false,
                (Some(value), Some(open)) => {
                    self.values.push(value.into_raw());
                    match open {
                        Open::Array(_) => self.after_element()?,
                        Open::Object { .. } => self.after_member()?,
                    }
                }
                (Some(value), None) => {
                    self.skip_space();
                    return match self.peek() {
                        None => Ok(value),
                        Some(_) => Err(Failure::Syntax(Fault::After)),
                    };
                }
            };
            value = if ended {
                Some(self.close()?)
            } else {
                self.start_value()?
            };
        }
    }

    /// Reads a primitive whole, or an empty array or object; of any other only the beginning.
    fn start_value(&mut self) -> Parsed<Option<Owned>> {
        self.skip_space();
        let value = match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'{') => {
                self.at += 1;
                self.open.push(Open::Object {
                    values: self.values.len(),
                    names: self.member_names.len(),
                    last: 0,
                });
                self.skip_space();
                if self.peek() != Some(b'}') {
                    self.name(Fault::FirstName)?;
                    return Ok(None);
                }
                self.at += 1;
                self.close()?
            }
            Some(b'[') => {
                self.at += 1;
                self.open.push(Open::Array(self.values.len()));
                self.skip_space();
                if self.peek() != Some(b']') {
                    return Ok(None);
                }
                self.at += 1;
                self.close()?
            }
            Some(b't') => self.literal(b"true", qjs::JS_TRUE)?,
            Some(b'f') => self.literal(b"false", qjs::JS_FALSE)?,
            Some(b'n') => self.literal(b"null", qjs::JS_NULL)?,
            _ => return Err(Failure::Syntax(Fault::Token)),
        };
        Ok(Some(value))
    }

    /// After an element: true where the array ends.
    fn after_element(&mut self) -> Parsed<bool> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(b']') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(Failure::Syntax(Fault::Element)),
        }
    }

    /// After a member: true where the object ends; else the next member's name was read.
    fn after_member(&mut self) -> Parsed<bool> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.skip_space();
                self.name(Fault::Name)?;
                Ok(false)
            }
            Some(b'}') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(Failure::Syntax(Fault::Member)),
        }
    }

    /// The innermost array or object, which is complete.
    fn close(&mut self) -> Parsed<Owned> {
        let Some(open) = self.open.pop() else {
            return Err(Failure::Syntax(Fault::Token));
        };
        // SAFETY: the new value takes its members, also where it cannot be made: they leave the list without being freed.
        unsafe {
            match open {
                Open::Object { values, names, .. } => {
                    let object = self
                        .shapes
                        .object(&self.member_names[names..], &self.values[values..]);
                    self.member_names.truncate(names);
                    self.values.truncate(values);
                    Ok(object?)
                }
                Open::Array(from) => {
                    let elements = &self.values[from..];
                    let array = qjs::JS_NewArrayFrom(
                        self.context,
                        elements.len() as i32,
                        elements.as_ptr(),
                    );
                    self.values.truncate(from);
                    Ok(Owned::take(self.context, array)?)
                }
            }
        }
    }

    /// A member's name and the colon behind it. Most objects have the names of the one before, in the same order.
    fn name(&mut self, fault: Fault) -> Parsed<()> {
        let before = match self.open.last() {
            Some(Open::Object { last, .. }) => *last,
            _ => 0,
        };
        let rest = &self.text[self.at..];
        let expected = self.names.after(before).and_then(|(number, name)| {
            let length = name.length_in(rest)?;
            Some((number, name.atom, length))
        });
        let (number, atom) = match expected {
            Some((number, atom, length)) => {
                self.at += length;
                (number, atom)
            }
            None => self.other_name(before, fault)?,
        };
        self.member_names.push(atom);
        if let Some(Open::Object { last, .. }) = self.open.last_mut() {
            *last = number;
        }
        Ok(())
    }

    /// Any name, its number where it has one, and the colon.
    fn other_name(&mut self, before: usize, fault: Fault) -> Parsed<(usize, qjs::JSAtom)> {
        if self.peek() != Some(b'"') {
            return Err(Failure::Syntax(fault));
        }
        let start = self.at;
        let characters = self.characters()?;
        let is_whole = self.peek() == Some(b':');
        let name = match characters {
            Characters::Ascii(from, to) | Characters::Plain(from, to) => {
                let whole = is_whole.then(|| &self.text[start..self.at + 1]);
                self.names.learn(&self.text[from..to], whole, before)?
            }
            Characters::Decoded => (0, self.names.atom_once(&self.scratch)?),
        };
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(Failure::Syntax(Fault::Colon));
        }
        self.at += 1;
        Ok(name)
    }

    fn string(&mut self) -> Parsed<Owned> {
        let utf8 = match self.characters()? {
            // SAFETY: the context is alive, and the text ASCII.
            Characters::Ascii(from, to) => unsafe {
                return Ok(raw::new_ascii_string(self.context, &self.text[from..to])?);
            },
            Characters::Plain(from, to) => &self.text[from..to],
            Characters::Decoded => &self.scratch,
        };
        // SAFETY: the context is alive.
        Ok(unsafe { raw::new_string(self.context, utf8)? })
    }

    /// From the opening quotation mark past the closing one.
    fn characters(&mut self) -> Parsed<Characters> {
        self.at += 1;
        let from = self.at;
        self.at += scan::plain_length(&self.text[from..]);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Characters::Ascii(from, self.at - 1));
        }
        self.skip_plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Characters::Plain(from, self.at - 1));
        }
        self.scratch.clear();
        let mut copied = from;
        loop {
            self.scratch.extend_from_slice(&self.text[copied..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Characters::Decoded);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) => return Err(Failure::Syntax(Fault::Control)),
                None => return Err(Failure::Syntax(Fault::Unterminated)),
            }
            copied = self.at;
            self.skip_plain();
        }
    }

    /// To the next byte that is not simply a character of a string, ASCII or not.
    fn skip_plain(&mut self) {
        let rest = &self.text[self.at..];
        let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
        self.at += rest.iter().position(special).unwrap_or(rest.len());
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Parsed<()> {
        let byte = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return Err(Failure::Syntax(Fault::Escape)),
            None => return Err(Failure::Syntax(Fault::Token)),
        };
        self.at += 1;
        self.scratch.push(byte);
        Ok(())
    }

    /// `uXXXX`, and the second half of a surrogate pair where it follows.
    fn unicode_escape(&mut self) -> Parsed<()> {
        self.at += 1;
        let mut unit = self.hex()?;
        if (0xD800..0xDC00).contains(&unit) && self.text[self.at..].starts_with(b"\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            } else {
                self.at = before;
            }
        }
        push_code_point(&mut self.scratch, unit);
        Ok(())
    }

    fn hex(&mut self) -> Parsed<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or(Failure::Syntax(Fault::Unicode))?;
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Parsed<Owned> {
        let (value, length) = number::scan(&self.text[self.at..]).map_err(|(fault, length)| {
            self.at += length;
            Failure::Syntax(fault)
        })?;
        self.at += length;
        // SAFETY: a number holds nothing.
        Ok(unsafe { Owned::take(self.context, value)? })
    }

    fn literal(&mut self, text: &[u8], value: JSValue) -> Parsed<Owned> {
        for byte in text {
            if self.peek() != Some(*byte) {
                return Err(Failure::Syntax(Fault::Token));
            }
            self.at += 1;
        }
        // SAFETY: the literals hold nothing.
        Ok(unsafe { Owned::take(self.context, value)? })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }
}

/// The characters of a string: in the text from one place to another, or in `Parser::scratch`.
enum Characters {
    Ascii(usize, usize),
    Plain(usize, usize),
    Decoded,
}

/// UTF-8, also of a lone surrogate.
pub fn push_code_point(utf8: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(character) => utf8.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => utf8.extend_from_slice(&[
            0xE0 | (code >> 12) as u8,
            0x80 | ((code >> 6) & 0x3F) as u8,
            0x80 | (code & 0x3F) as u8,
        ]),
    }
}
