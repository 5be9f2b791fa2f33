//! HTMLRewriter's engine: lol_html, driven so that its handlers may wait.
//!
//! lol_html calls a handler in the middle of a write and cannot wait for a promise there. So each piece of the document goes through two
//! rewriters that were made of the same selectors. The first, which *scans*, changes nothing and lists the tokens that handlers asked
//! for. JavaScript then runs those handlers, waits where they wait, and records what they edit. The second *applies* the edits while it
//! parses the same piece again. Selectors match the document as it was, never as edited, so both meet the same tokens in the same order,
//! and a token's number says which is which. Memory is bounded by the piece and by lol_html's own limit.

mod edit;
mod pass;
mod token;

pub use edit::{Content, Edit, Edits, OutputPart};
pub use pass::{Pass, PassError};
pub use token::{Event, Scanned};

use lol_html::Selector;

/// Handlers that belong together: one call of `on` or `onDocument`.
pub struct Registration {
    /// None for those of the document.
    pub selector: Option<Selector>,
    /// The sum of `ELEMENT`, `COMMENTS`, `TEXT` and `END`.
    pub handlers: u32,
}

/// Of the document: the doctype.
pub const ELEMENT: u32 = 1;
pub const COMMENTS: u32 = 2;
pub const TEXT: u32 = 4;
/// Of the document alone.
pub const END: u32 = 8;

/// Says which handler is meant: four for each registration, in the order of the bits above.
pub fn handler_index(registration: usize, bit: u32) -> u32 {
    registration as u32 * 4 + bit.trailing_zeros()
}
