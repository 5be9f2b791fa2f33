//! Names of members as QuickJS's atoms. The same few come again and again in a document, and making an atom hashes the text and looks it up.

use javy::quickjs::qjs::{self, JSAtom, JSContext};

use super::{Step, Thrown};

const SLOTS: usize = 256;
/// A document with more names has few that come again.
const KNOWN_MAX: usize = 4096;

/// A name that was read.
#[derive(Clone, Copy)]
pub struct Name<'a> {
    text: &'a [u8],
    /// As it stands in the document, with quotation marks and the colon.
    whole: Option<Whole<'a>>,
    pub atom: JSAtom,
    /// What came after it the last time.
    next: usize,
}

impl Name<'_> {
    /// How long it is at the beginning of the text, where it stands there.
    pub fn length_in(&self, text: &[u8]) -> Option<usize> {
        let whole = self.whole?;
        let first = u128::from_le_bytes(*text.first_chunk()?);
        let begins = (first ^ whole.first) & whole.mask == 0;
        let rest = whole.bytes.get(FIRST..).unwrap_or_default();
        let stands = begins && (rest.is_empty() || text[FIRST..].starts_with(rest));
        stands.then_some(whole.bytes.len())
    }
}

/// So many bytes are compared at once, which most names have no more than.
const FIRST: usize = size_of::<u128>();

#[derive(Clone, Copy)]
struct Whole<'a> {
    bytes: &'a [u8],
    /// Its first bytes, and which of them count where it is shorter.
    first: u128,
    mask: u128,
}

impl<'a> Whole<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let length = bytes.len().min(FIRST);
        let (mut first, mut mask) = ([0; FIRST], [0; FIRST]);
        first[..length].copy_from_slice(&bytes[..length]);
        mask[..length].fill(0xFF);
        Self {
            bytes,
            first: u128::from_le_bytes(first),
            mask: u128::from_le_bytes(mask),
        }
    }
}

/// The atoms of one document, freed together at its end.
pub struct Names<'a> {
    context: *mut JSContext,
    /// The first is none, and what comes after it begins an object.
    known: Vec<Name<'a>>,
    /// By a hash of the text: the name that was there last, or 0.
    slots: Vec<usize>,
    made: Vec<JSAtom>,
}

impl<'a> Names<'a> {
    pub fn new(context: *mut JSContext) -> Self {
        Self {
            context,
            known: Vec::new(),
            slots: Vec::new(),
            made: Vec::new(),
        }
    }

    /// The name that came after this one the last time, and its number.
    pub fn after(&self, name: usize) -> Option<(usize, &Name<'a>)> {
        let next = self.known.get(name)?.next;
        (next != 0).then_some((next, self.known.get(next)?))
    }

    /// The number and the atom of a name that comes after another. `whole` is it with quotation marks and the colon, where no space
    /// stands in front of that.
    pub fn learn(
        &mut self,
        text: &'a [u8],
        whole: Option<&'a [u8]>,
        before: usize,
    ) -> Step<(usize, JSAtom)> {
        if self.known.is_empty() || self.known.len() == KNOWN_MAX {
            self.forget();
        }
        let slot = slot(text);
        let mut name = self.slots[slot];
        if name == 0 || self.known[name].text != text {
            let atom = self.atom_once(text)?;
            name = self.known.len();
            self.slots[slot] = name;
            self.known.push(Name {
                text,
                whole: whole.map(Whole::of),
                atom,
                next: 0,
            });
        }
        if let Some(before) = self.known.get_mut(before) {
            before.next = name;
        }
        Ok((name, self.known[name].atom))
    }

    fn forget(&mut self) {
        self.known.clear();
        self.known.push(Name {
            text: &[],
            whole: None,
            atom: qjs::JS_ATOM_NULL,
            next: 0,
        });
        self.slots.clear();
        self.slots.resize(SLOTS, 0);
    }

    pub fn atom_once(&mut self, name: &[u8]) -> Step<JSAtom> {
        // SAFETY: it reads the bytes within the call.
        let atom = unsafe {
            qjs::JS_NewAtomLen(
                self.context,
                name.as_ptr().cast(),
                name.len() as qjs::size_t,
            )
        };
        if atom == qjs::JS_ATOM_NULL {
            return Err(Thrown);
        }
        self.made.push(atom);
        Ok(atom)
    }
}

impl Drop for Names<'_> {
    fn drop(&mut self) {
        for atom in &self.made {
            // SAFETY: each was made here and is freed once.
            unsafe { qjs::JS_FreeAtom(self.context, *atom) };
        }
    }
}

/// Length, ends and middle tell most names of a document apart.
fn slot(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).copied().unwrap_or(0) as usize;
    let last = name.len().saturating_sub(1);
    (name.len() * 31 + byte(0) * 7 + byte(last) * 13 + byte(last / 2) * 29 + byte(1) * 3) % SLOTS
}
