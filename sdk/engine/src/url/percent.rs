//! Percent-encoding (URL Standard 1.3) and `application/x-www-form-urlencoded` (URL Standard 5).

use std::borrow::Cow;

/// A percent-encode set: the ASCII characters in it, as bits. Whatever is not ASCII is in every set.
#[derive(Clone, Copy)]
pub struct Set(u128);

impl Set {
    pub const C0_CONTROL: Set = Set((1 << 0x20) - 1 | 1 << 0x7F);
    pub const FRAGMENT: Set = Set::C0_CONTROL.and(b" \"<>`");
    pub const QUERY: Set = Set::C0_CONTROL.and(b" \"#<>");
    pub const SPECIAL_QUERY: Set = Set::QUERY.and(b"'");
    pub const PATH: Set = Set::QUERY.and(b"?^`{}");
    pub const USERINFO: Set = Set::PATH.and(b"/:;=@[\\]|");
    const FORM: Set = Set::USERINFO.and(b"$%&+,!'()~");

    const fn and(self, characters: &[u8]) -> Set {
        let mut bits = self.0;
        let mut at = 0;
        while at < characters.len() {
            bits |= 1 << characters[at];
            at += 1;
        }
        Set(bits)
    }

    fn contains(self, byte: u8) -> bool {
        byte >= 0x80 || self.0 >> byte & 1 == 1
    }
}

/// Appends `text` with the characters of the set percent-encoded.
pub fn encode_to(out: &mut String, text: &str, set: Set) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if set.contains(byte) {
            // Between the bytes of one character there is no place to cut.
            if plain < at {
                out.push_str(&text[plain..at]);
            }
            push_encoded(out, byte);
            plain = at + 1;
        }
    }
    out.push_str(&text[plain..]);
}

pub fn encode(text: &str, set: Set) -> String {
    let mut out = String::with_capacity(text.len());
    encode_to(&mut out, text, set);
    out
}

fn push_encoded(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

pub fn decode(text: &str) -> Cow<'_, [u8]> {
    match text.contains('%') {
        true => Cow::Owned(decode_bytes(text.as_bytes(), false)),
        false => Cow::Borrowed(text.as_bytes()),
    }
}

fn decode_bytes(bytes: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).copied().and_then(hex_digit);
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) if plus_is_space => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    out
}

pub fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// The pairs of a query without its question mark.
pub fn parse_form(query: &str) -> impl Iterator<Item = (String, String)> {
    let sequences = query.split('&').filter(|sequence| !sequence.is_empty());
    sequences.map(|sequence| {
        let (name, value) = sequence.split_once('=').unwrap_or((sequence, ""));
        (decode_form(name), decode_form(value))
    })
}

fn decode_form(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = decode_bytes(text.as_bytes(), true);
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

pub fn serialize_form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode_form(&mut out, name);
        out.push('=');
        encode_form(&mut out, value);
    }
    out
}

fn encode_form(out: &mut String, text: &str) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push('+');
        }
        encode_to(out, word, Set::FORM);
    }
}
