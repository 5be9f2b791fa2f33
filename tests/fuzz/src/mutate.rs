//! Changes to an input: bits and bytes, pieces moved, repeated and taken from elsewhere, words of the format, numbers at their edges.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Inputs grow no further.
pub const INPUT_BYTES_MAX: usize = 64 << 10;

const BYTES: &[u8] = b"\0\x01\x7f\x80\xff\n\r\t \"'/\\.:%*?#@[]{}-";
const NUMBERS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"1",
    b"127",
    b"128",
    b"255",
    b"65535",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"4294967296",
    b"9007199254740993",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"1e309",
    b"0.1",
];
/// Deep nesting and long runs are what parsers that recurse or look back break at.
const REPEATS: [usize; 5] = [2, 8, 64, 1024, 20_000];

/// A new input out of one of the pool.
pub fn mutated(rng: &mut StdRng, pool: &[Vec<u8>], dictionary: &[&[u8]]) -> Vec<u8> {
    let mut input = pool.choose(rng).cloned().unwrap_or_default();
    for _ in 0..rng.random_range(1..=5) {
        change(rng, &mut input, pool, dictionary);
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}

fn change(rng: &mut StdRng, input: &mut Vec<u8>, pool: &[Vec<u8>], dictionary: &[&[u8]]) {
    let piece = piece(rng, input.len());
    let byte = [random_byte(rng)];
    let word = word(rng, dictionary);
    match rng.random_range(0..12) {
        0 => flip(rng, input),
        1 => overwrite(rng, input, &byte),
        2 => insert(rng, input, &byte),
        3 => drop(input.drain(piece)),
        4 => {
            let copy = input[piece].to_vec();
            insert(rng, input, &copy);
        }
        5 => repeat(rng, input, piece),
        6 => insert(rng, input, word),
        7 => overwrite(rng, input, word),
        8 => {
            if let Some(other) = pool.choose(rng) {
                let copy = &other[self::piece(rng, other.len())];
                insert(rng, input, copy);
            }
        }
        9 => number(rng, input),
        10 => lines(rng, input),
        _ => {
            let copy = input[piece].to_vec();
            overwrite(rng, input, &copy);
        }
    }
}

/// Mostly a short one.
fn piece(rng: &mut StdRng, length: usize) -> std::ops::Range<usize> {
    let begin = rng.random_range(0..=length);
    let longest = if rng.random_bool(0.8) { 16 } else { length };
    begin..rng.random_range(begin..=length.min(begin + longest))
}

fn random_byte(rng: &mut StdRng) -> u8 {
    match BYTES.choose(rng) {
        Some(byte) if rng.random() => *byte,
        _ => rng.random(),
    }
}

fn word<'a>(rng: &mut StdRng, words: &[&'a [u8]]) -> &'a [u8] {
    words.choose(rng).copied().unwrap_or_default()
}

fn flip(rng: &mut StdRng, input: &mut [u8]) {
    if !input.is_empty() {
        let at = rng.random_range(0..input.len());
        input[at] ^= 1 << rng.random_range(0..8);
    }
}

fn insert(rng: &mut StdRng, input: &mut Vec<u8>, bytes: &[u8]) {
    let at = rng.random_range(0..=input.len());
    input.splice(at..at, bytes.iter().copied());
}

fn overwrite(rng: &mut StdRng, input: &mut [u8], bytes: &[u8]) {
    let at = rng.random_range(0..=input.len());
    for (old, new) in input[at..].iter_mut().zip(bytes) {
        *old = *new;
    }
}

fn repeat(rng: &mut StdRng, input: &mut Vec<u8>, piece: std::ops::Range<usize>) {
    let times = REPEATS.choose(rng).copied().unwrap_or(2);
    let fits = INPUT_BYTES_MAX / piece.len().max(1);
    let copies = input[piece.clone()].repeat(times.min(fits));
    input.splice(piece, copies);
}

/// Puts another number in the place of one in the text.
fn number(rng: &mut StdRng, input: &mut Vec<u8>) {
    let from = rng.random_range(0..=input.len());
    let Some(begin) = input[from..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let begin = from + begin;
    let digits = input[begin..].iter().take_while(|b| b.is_ascii_digit());
    let end = begin + digits.count();
    input.splice(begin..end, word(rng, NUMBERS).iter().copied());
}

/// Takes out, repeats or swaps lines.
fn lines(rng: &mut StdRng, input: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let (one, other) = (
        rng.random_range(0..lines.len()),
        rng.random_range(0..lines.len()),
    );
    match rng.random_range(0..3) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one]),
        _ => lines.swap(one, other),
    }
    *input = lines.join(&b'\n');
}
