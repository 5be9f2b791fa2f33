//! Numbers of JSON: from text (ECMA-404) and to it (ECMA-262 6.1.6.1.20).

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
    if !matches!(text.get(end), Some(b'.' | b'e' | b'E')) && whole <= DIGITS_EXACT {
        return Ok((integer(&text[start..end], negative), end));
    }
    if text.get(end) == Some(&b'.') {
        let fraction = digits_from(end + 1);
        if fraction == 0 {
            return Err((Fault::Fraction, end + 1));
        }
        let point = end;
        end += 1 + fraction;
        if !matches!(text.get(end), Some(b'e' | b'E')) && whole + fraction <= DIGITS_EXACT {
            let (whole, fraction) = (&text[start..point], &text[point + 1..end]);
            return Ok((decimal(whole, fraction, negative), end));
        }
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

/// A double holds every integer of so many digits.
const DIGITS_EXACT: usize = 15;

/// Those that a double holds exactly.
const POWERS_OF_TEN: [f64; DIGITS_EXACT + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Of up to `DIGITS_EXACT` digits: the quotient of two exact numbers is rounded once, as the number itself is to be.
fn decimal(whole: &[u8], fraction: &[u8], negative: bool) -> JSValue {
    let digits = fold(fold(0, whole), fraction);
    let value = digits as f64 / POWERS_OF_TEN[fraction.len()];
    qjs::JS_NewFloat64(if negative { -value } else { value })
}

fn fold(start: i64, digits: &[u8]) -> i64 {
    digits
        .iter()
        .fold(start, |value, digit| value * 10 + i64::from(digit - b'0'))
}

/// Of up to `DIGITS_EXACT` digits.
fn integer(digits: &[u8], negative: bool) -> JSValue {
    let value = fold(0, digits);
    if value == 0 && negative {
        return qjs::JS_NewFloat64(-0.0);
    }
    let value = if negative { -value } else { value };
    match i32::try_from(value) {
        Ok(small) => qjs::JS_MKVAL(qjs::JS_TAG_INT, small),
        Err(_) => qjs::JS_NewFloat64(value as f64),
    }
}

/// Appends the number if it has at most six digits behind the point and fifteen in all, as most in documents do. So few are what the
/// number came from or the shortest that give it back: no two decimals of fifteen digits are the same double.
pub fn push_decimal(text: &mut Vec<u8>, value: f64) -> bool {
    const SCALE: f64 = 1e6;
    let scaled = (value * SCALE).round();
    if scaled.abs() >= 1e15 || scaled / SCALE != value {
        return false;
    }
    let magnitude = scaled.abs() as u64;
    if scaled < 0.0 {
        text.push(b'-');
    }
    push_digits(text, magnitude / SCALE as u64);
    let mut fraction = (magnitude % SCALE as u64) as u32;
    if fraction > 0 {
        text.push(b'.');
        let mut digit = SCALE as u32 / 10;
        while fraction > 0 {
            text.push(b'0' + (fraction / digit) as u8);
            fraction %= digit;
            digit = (digit / 10).max(1);
        }
    }
    true
}

pub fn push_integer(text: &mut Vec<u8>, value: i32) {
    if value < 0 {
        text.push(b'-');
    }
    push_digits(text, value.unsigned_abs().into());
}

fn push_digits(text: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[at..]);
}
