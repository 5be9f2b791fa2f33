//! Finds the characters of a string that are not simply copied, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Is a byte of the eight beyond ASCII, below U+0020, a quotation mark or a backslash?
fn is_special(word: u64) -> bool {
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = has_zero(word ^ ONES * u64::from(b'"'));
    let backslash = has_zero(word ^ ONES * u64::from(b'\\'));
    (below_space | quote | backslash | word) & HIGH != 0
}

/// The length of what the text begins with, of ASCII characters that JSON writes as they are.
pub fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(eight) = text[length..].first_chunk() {
        if is_special(u64::from_le_bytes(*eight)) {
            break;
        }
        length += 8;
    }
    let plain = |byte: &u8| (0x20..0x80).contains(byte) && *byte != b'"' && *byte != b'\\';
    let rest = &text[length..];
    length + rest.iter().take_while(|byte| plain(byte)).count()
}
