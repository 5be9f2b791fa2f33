//! Compressed files that a copy of WPT without its binary files lacks, made anew with the same contents.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// None where the path names none of them.
pub fn make(path: &str) -> Option<Vec<u8>> {
    let name = path.strip_prefix("/fetch/content-encoding/")?;
    let (coding, file) = name.split_once("/resources/")?;
    let text = match file.split_once('.')? {
        // The tests look at its length alone.
        ("foo", _) => vec![b'a'; 10_500],
        ("big", _) => b"abcdefghijklmnopqrstuvwxyz\n".repeat(1_000_000),
        _ => return None,
    };
    match (coding, file.rsplit_once('.')?.1) {
        ("gzip", "gz") => gzip(&text),
        ("br", "br") => Some(brotli(&text)),
        _ => None,
    }
}

fn gzip(text: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}

/// Meta-blocks without compression (RFC 7932 9.2): a bit for the window of 64 KiB, then for each block its length and its bytes.
fn brotli(text: &[u8]) -> Vec<u8> {
    const LAST_AND_EMPTY: u8 = 0b11;
    let mut encoded = Vec::with_capacity(text.len() + text.len() / 1000 + 4);
    let mut window_bits = 1;
    for block in text.chunks(1 << 16) {
        // ISLAST and MNIBBLES are 0, 16 bits of MLEN - 1, ISUNCOMPRESSED.
        let head = ((block.len() as u32 - 1) << 3 | 1 << 19) << window_bits;
        encoded.extend_from_slice(&head.to_le_bytes()[..3]);
        encoded.extend_from_slice(block);
        window_bits = 0;
    }
    encoded.push(LAST_AND_EMPTY);
    encoded
}
