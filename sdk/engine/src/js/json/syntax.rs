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

fn token_message(text: &[u8], at: usize) -> String {
    let (whole, before) = (
        String::from_utf8_lossy(text),
        String::from_utf8_lossy(&text[..at]),
    );
    if let "undefined" | "NaN" | "Infinity" | "[object Object]" = &*whole {
        return format!("\"{whole}\" is not valid JSON");
    }
    match text[at] {
        b'"' => return format!("Unexpected string in JSON at {}", place(text, at)),
        b'-' | b'0'..=b'9' => return format!("Unexpected number in JSON at {}", place(text, at)),
        _ => {}
    }
    let characters: Vec<char> = whole.chars().collect();
    let at = before
        .chars()
        .count()
        .min(characters.len().saturating_sub(1));
    let short = characters.len() <= 2 * CONTEXT;
    let from = if short { 0 } else { at.saturating_sub(CONTEXT) };
    let to = if short {
        characters.len()
    } else {
        (at + CONTEXT).min(characters.len())
    };
    let part: String = characters[from..to].iter().collect();
    let (left, right) = (
        if from > 0 { "..." } else { "" },
        if to < characters.len() { "..." } else { "" },
    );
    format!(
        "Unexpected token '{}', {left}\"{part}\"{right} is not valid JSON",
        characters[at]
    )
}
