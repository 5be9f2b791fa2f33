//! How a request reaches the engine and how the answer leaves it. Nothing else in the engine knows whether that is Ouro's own
//! interface, which takes one call for each, or `wasi:http`, which any host has. Both modules have the same functions.

#[cfg(not(feature = "standalone"))]
mod ouro;
#[cfg(not(feature = "standalone"))]
pub use ouro::{BodyWriter, fail, respond, respond_streaming};

#[cfg(feature = "standalone")]
mod wasi;
#[cfg(feature = "standalone")]
pub use wasi::{BodyWriter, fail, respond, respond_streaming};

/// Field lines `name:value`, each ended by a line feed, as pairs.
pub fn field_lines(raw: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    raw.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], &line[colon + 1..]))
    })
}

/// Adds the length of a whole body, where it is not there.
pub fn set_content_length(raw: &mut Vec<u8>, length: usize) {
    if !field_lines(raw).any(|(name, _)| name == b"content-length") {
        raw.extend_from_slice(format!("content-length:{length}\n").as_bytes());
    }
}

/// The inverse of `field_lines`.
#[cfg(any(feature = "standalone", test))]
pub fn push_field_line(raw: &mut Vec<u8>, name: &str, value: &[u8]) {
    raw.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    raw.push(b':');
    raw.extend_from_slice(value);
    raw.push(b'\n');
}
