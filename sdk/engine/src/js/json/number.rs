//! Numbers of JSON: from text (ECMA-404) and to it (ECMA-262 6.1.6.1.20).

use std::io::Write;

use javy::quickjs::qjs::{self, JSValue};

use super::syntax::Fault;

/// The number at the beginning of the text and its length. What is wrong stands where the error says.
pub fn scan(text: &[u8]) -> Result<(JSValue, usize), (Fault, usize)> {
    let digits_from = |from: usize| {
        text[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let negative = text[0] == b'-';
    let start = usize::from(negative);
    let whole = digits_from(start);
    if whole == 0 {
        return Err((Fault::Minus, start));
    }
    if whole > 1 && text[start] == b'0' {
        return Err((Fault::Number, start + 1));
    }
    let mut end = start + whole;
    if !matches!(text.get(end), Some(b'.' | b'e' | b'E')) && whole <= 15 {
        return Ok((integer(&text[start..end], negative), end));
    }
    if text.get(end) == Some(&b'.') {
        let fraction = digits_from(end + 1);
        if fraction == 0 {
            return Err((Fault::Fraction, end + 1));
        }
        end += 1 + fraction;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        end += 1;
        if let Some(b'+' | b'-') = text.get(end) {
            end += 1;
        }
        let exponent = digits_from(end);
        if exponent == 0 {
            return Err((Fault::Exponent, end));
        }
        end += exponent;
    }
    // What was scanned is ASCII, and in the form that Rust reads.
    let number = std::str::from_utf8(&text[..end])
        .ok()
        .and_then(|text| text.parse().ok());
    Ok((qjs::JS_NewFloat64(number.unwrap_or(f64::NAN)), end))
}

/// Of up to 15 digits, which a double holds exactly.
fn integer(digits: &[u8], negative: bool) -> JSValue {
    let value = digits
        .iter()
        .fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    if value == 0 && negative {
        return qjs::JS_NewFloat64(-0.0);
    }
    let value = if negative { -value } else { value };
    match i32::try_from(value) {
        Ok(small) => qjs::JS_MKVAL(qjs::JS_TAG_INT, small),
        Err(_) => qjs::JS_NewFloat64(value as f64),
    }
}

pub fn push_integer(text: &mut Vec<u8>, value: i32) {
    let mut digits = [0; 11];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    text.extend_from_slice(&digits[at..]);
}

/// `null` where JSON has no text for the number.
pub fn push_double(text: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return text.extend_from_slice(b"null");
    }
    if value == 0.0 {
        return text.push(b'0');
    }
    // The shortest digits that give the number back, as `d.ddde-x`.
    let mut shortest = [0; 32];
    let mut rest = &mut shortest[..];
    // It has at most 17 digits: there is room.
    let _ = write!(rest, "{:e}", value.abs());
    let left = rest.len();
    let shortest = &shortest[..shortest.len() - left];
    let Some(e) = shortest.iter().position(|byte| *byte == b'e') else {
        return;
    };
    let mut digits = [0; 24];
    let mut count = 0;
    for digit in shortest[..e].iter().filter(|byte| **byte != b'.') {
        digits[count] = *digit;
        count += 1;
    }
    let exponent = std::str::from_utf8(&shortest[e + 1..])
        .ok()
        .and_then(|text| text.parse().ok());
    if value < 0.0 {
        text.push(b'-');
    }
    lay_out(text, &digits[..count], exponent.unwrap_or(0) + 1);
}

/// The digits as ECMAScript writes them: 0.`digits` times ten to the power of `point`.
fn lay_out(text: &mut Vec<u8>, digits: &[u8], point: i32) {
    let count = digits.len() as i32;
    if count <= point && point <= 21 {
        text.extend_from_slice(digits);
        text.resize(text.len() + (point - count) as usize, b'0');
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(point as usize);
        text.extend_from_slice(whole);
        text.push(b'.');
        text.extend_from_slice(fraction);
    } else if -6 < point && point <= 0 {
        text.extend_from_slice(b"0.");
        text.resize(text.len() + (-point) as usize, b'0');
        text.extend_from_slice(digits);
    } else {
        text.push(digits[0]);
        if count > 1 {
            text.push(b'.');
            text.extend_from_slice(&digits[1..]);
        }
        text.extend_from_slice(if point > 0 { b"e+" } else { b"e-" });
        push_integer(text, (point - 1).abs());
    }
}
