//! The text of functions, for `Function.prototype.toString`. React Router and others write functions into their pages that way.
//!
//! QuickJS would keep a copy of each function's text, in which those of the functions inside are contained again, among the objects
//! that requests touch. Instead a worker's whole text lies in one piece that nothing else touches, beside an index of where its
//! functions are; they are found by the position of their definition, which their bytecode knows.

use std::cell::{OnceCell, RefCell};
use std::ffi::c_char;

/// Where the text of a function is, by the position that QuickJS gives to its definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: u32,
    column: u32,
    start: u32,
    length: u32,
}

const PLACE_BYTES: usize = 16;

struct Sources {
    text: Vec<u8>,
    /// In ascending order.
    places: Vec<Place>,
}

thread_local! {
    /// Places of the functions that are being compiled, where somebody wants them.
    static NOTED: RefCell<Option<Vec<Place>>> = const { RefCell::new(None) };
    static KEPT: OnceCell<Sources> = const { OnceCell::new() };
}

/// Compiles, and gives the places of all functions in the source as bytes for `keep`.
pub fn note<R>(compile: impl FnOnce() -> R) -> (R, Vec<u8>) {
    NOTED.set(Some(Vec::new()));
    let compiled = compile();
    let mut places = NOTED.take().unwrap_or_default();
    // Of two at one position the later stands: a class is noted after its constructor.
    places.reverse();
    places.sort_by_key(|place| (place.line, place.column));
    places.dedup_by_key(|place| (place.line, place.column));
    let fields = places
        .iter()
        .flat_map(|place| [place.line, place.column, place.start, place.length]);
    (compiled, fields.flat_map(u32::to_le_bytes).collect())
}

/// Keeps the text of the worker, for good.
pub fn keep(text: &[u8], places: &[u8]) {
    let place = |bytes: &[u8]| {
        let field = |at: usize| {
            let bytes = bytes.get(at..at + 4).and_then(|it| it.try_into().ok());
            bytes.map_or(0, u32::from_le_bytes)
        };
        Place {
            line: field(0),
            column: field(4),
            start: field(8),
            length: field(12),
        }
    };
    let sources = Sources {
        text: text.to_vec(),
        places: places.chunks_exact(PLACE_BYTES).map(place).collect(),
    };
    // A second text finds the first in its place; a builder keeps one.
    KEPT.with(|kept| drop(kept.set(sources)));
}

/// The text of the worker's function that is defined at this position; none where there is no such function.
pub fn text_at(line: u32, column: u32) -> Option<String> {
    KEPT.with(|kept| {
        let sources = kept.get()?;
        let at = sources
            .places
            .binary_search_by_key(&(line, column), |place| (place.line, place.column))
            .ok()?;
        let place = sources.places.get(at)?;
        let start = place.start as usize;
        let text = sources.text.get(start..start + place.length as usize)?;
        Some(String::from_utf8_lossy(text).into_owned())
    })
}

/// Called by QuickJS's parser with the text of each function; `begin` is where the whole source begins.
#[unsafe(no_mangle)]
extern "C" fn ouro_note_source(
    line: i32,
    column: i32,
    begin: *const u8,
    text: *const c_char,
    length: usize,
) {
    NOTED.with_borrow_mut(|noted| {
        let Some(places) = noted else { return };
        let start = (text.addr()).checked_sub(begin.addr());
        let fields = (
            u32::try_from(line),
            u32::try_from(column),
            start.map(u32::try_from),
            u32::try_from(length),
        );
        if let (Ok(line), Ok(column), Some(Ok(start)), Ok(length)) = fields {
            places.push(Place {
                line,
                column,
                start,
                length,
            });
        }
    });
}
