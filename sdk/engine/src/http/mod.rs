//! How a request reaches the engine and how the answer leaves it. Nothing else in the engine knows whether that is Ouro's own
//! interface, which takes one call for each, or `wasi:http`, which any host has. Both modules have the same functions.

#[cfg(not(feature = "standalone"))]
mod ouro;
#[cfg(not(feature = "standalone"))]
pub use ouro::{
    BodyWriter, CODINGS, Forwarding, connection, decode, env_entry, fail, request, respond,
    respond_streaming,
};

#[cfg(feature = "standalone")]
mod wasi;
#[cfg(feature = "standalone")]
pub use wasi::{BodyWriter, CODINGS, connection, decode, fail, respond, respond_streaming};

mod reason;
pub use reason::reason;

/// Field lines `name:value`, each ended by a line feed, as pairs.
pub fn field_lines(raw: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    raw.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], &line[colon + 1..]))
    })
}

/// The content coding of a message (RFC 9110 8.4), where it is one that `decode` takes.
pub fn coding_of(content_encoding: &[u8]) -> Option<&'static str> {
    let named = content_encoding.trim_ascii().to_ascii_lowercase();
    // RFC 9110 8.4.1.3: the two are one.
    let named: &[u8] = if named == b"x-gzip" { b"gzip" } else { &named };
    let known = CODINGS.iter().find(|coding| coding.as_bytes() == named);
    known.copied()
}

/// Adds the length of a whole body, where it is not there.
pub fn set_content_length(raw: &mut Vec<u8>, length: usize) {
    if !field_lines(raw).any(|(name, _)| name == b"content-length") {
        raw.extend_from_slice(format!("content-length:{length}\n").as_bytes());
    }
}

/// The inverse of `field_lines`.
pub fn push_field_line(raw: &mut Vec<u8>, name: &str, value: &[u8]) {
    raw.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    raw.push(b':');
    raw.extend_from_slice(value);
    raw.push(b'\n');
}
