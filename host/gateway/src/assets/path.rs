//! Request paths to file paths and back: percent-decoding (RFC 3986 2.1) and encoding for `Location`.

/// The path of a request target as files are named: decoded segment by segment. A segment that decodes to something
/// that no file name can be (bad UTF-8, a slash, NUL) makes the whole path match nothing.
pub fn decode(path: &str) -> Option<String> {
    if !path.contains('%') {
        return Some(path.to_owned());
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let value = hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?;
        if value == 0 || value == b'/' {
            return None;
        }
        bytes.push(value);
    }
    String::from_utf8(bytes).ok()
}

/// A file path as a URL path: all but unreserved characters, sub-delims, `:`, `@` and `/` percent-encoded (RFC 3986 3.3).
pub fn encode(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_encoded_back() {
        let decoded = decode("/a%20b/%C3%BC.txt").expect("a valid path");
        assert_eq!(decoded, "/a b/ü.txt");
        assert_eq!(encode(&decoded), "/a%20b/%C3%BC.txt");
    }

    #[test]
    fn what_no_file_can_be_named_matches_nothing() {
        for path in ["/%", "/%2", "/%zz", "/%00", "/a%2Fb", "/%ff"] {
            assert_eq!(decode(path), None, "{path}");
        }
    }
}
