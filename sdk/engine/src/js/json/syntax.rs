//! What is wrong with a text that is no JSON, in the words that V8 has for it: programs show them, and some look into them.

use javy::quickjs::qjs::{self, JSContext};

use super::Thrown;
use super::raw;

/// What the parser wanted, or found, at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Anything that begins a value.
    Token,
    FirstName,
    Name,
    Colon,
    Member,
    Element,
    After,
    Control,
    Escape,
    Unicode,
    Unterminated,
    Minus,
    Number,
    Fraction,
    Exponent,
}

impl Fault {
    /// The message up to the place; none for what is told by the character that is there.
    fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::Token => return None,
            Self::FirstName => "Expected property name or '}' in JSON",
            Self::Name => "Expected double-quoted property name in JSON",
            Self::Colon => "Expected ':' after property name in JSON",
            Self::Member => "Expected ',' or '}' after property value in JSON",
            Self::Element => "Expected ',' or ']' after array element in JSON",
            Self::After => "Unexpected non-whitespace character after JSON",
            Self::Control => "Bad control character in string literal in JSON",
            Self::Escape => "Bad escaped character in JSON",
            Self::Unicode => "Bad Unicode escape in JSON",
            Self::Unterminated => "Unterminated string in JSON",
            Self::Minus => "No number after minus sign in JSON",
            Self::Number => "Unexpected number in JSON",
            Self::Fraction => "Unterminated fractional number in JSON",
            Self::Exponent => "Exponent part is missing a number in JSON",
        })
    }
}

/// Throws the SyntaxError for a fault at a place of the text.
///
/// # Safety
/// The context is alive.
pub unsafe fn throw(context: *mut JSContext, text: &[u8], at: usize, fault: Fault) -> Thrown {
    let message = message(text, at.min(text.len()), fault);
    // SAFETY: as the caller says.
    unsafe { raw::throw_text(context, qjs::JS_ThrowSyntaxError, &message) }
}

fn message(text: &[u8], at: usize, fault: Fault) -> String {
    match fault.text() {
        Some(what) => format!("{what} at {}", place(text, at)),
        None if at == text.len() => "Unexpected end of JSON input".into(),
        None => token_message(text, at),
    }
}

/// Counted in UTF-16 code units, as JavaScript counts.
fn place(text: &[u8], at: usize) -> String {
    let before = String::from_utf8_lossy(&text[..at]);
    let units = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
    let line = before.matches('\n').count() + 1;
    let column = units(before.rsplit('\n').next().unwrap_or_default()) + 1;
    format!("position {} (line {line} column {column})", units(&before))
}

/// Characters of the text that are shown on both sides of the place.
const CONTEXT: usize = 10;

/// Bytes of so many characters of UTF-8, and of the one between them.
const NEAR_BYTES: usize = 4 * (2 * CONTEXT + 1);

fn token_message(text: &[u8], at: usize) -> String {
    if let b"undefined" | b"NaN" | b"Infinity" | b"[object Object]" = text {
        return format!("\"{}\" is not valid JSON", String::from_utf8_lossy(text));
    }
    match text[at] {
        b'"' => return format!("Unexpected string in JSON at {}", place(text, at)),
        b'-' | b'0'..=b'9' => return format!("Unexpected number in JSON at {}", place(text, at)),
        _ => {}
    }
    // The document may be large: what is far from the place is not looked at.
    let from = boundary(text, at.saturating_sub(NEAR_BYTES));
    let to = boundary(text, (at + NEAR_BYTES).min(text.len()));
    let characters = |part| String::from_utf8_lossy(part).chars().collect::<Vec<_>>();
    let (mut before, mut after) = (characters(&text[from..at]), characters(&text[at..to]));
    let token = after[0];
    let is_whole = from == 0 && to == text.len();
    let (mut left, mut right) = ("", "");
    if !(is_whole && before.len() + after.len() <= 2 * CONTEXT) {
        if before.len() > CONTEXT {
            before.drain(..before.len() - CONTEXT);
            left = "...";
        }
        if after.len() > CONTEXT {
            after.truncate(CONTEXT);
            right = "...";
        }
    }
    let part: String = before.into_iter().chain(after).collect();
    format!("Unexpected token '{token}', {left}\"{part}\"{right} is not valid JSON")
}

/// The place, or the beginning of the next character behind it.
fn boundary(text: &[u8], place: usize) -> usize {
    let rest = text[place..].iter();
    place + rest.take_while(|byte| *byte & 0xc0 == 0x80).count()
}
