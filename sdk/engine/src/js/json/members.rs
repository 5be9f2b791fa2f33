//! Names of members as QuickJS's atoms. The same few come again and again in a document, and making an atom hashes the text and looks it up.

use javy::quickjs::qjs::{self, JSAtom, JSContext};

use super::{Step, Thrown};

const SLOTS: usize = 256;

/// The atoms of one document, freed together at its end.
pub struct Names<'a> {
    context: *mut JSContext,
    /// By a hash of the text: the name that was there last.
    slots: Vec<(&'a [u8], JSAtom)>,
    made: Vec<JSAtom>,
}

impl<'a> Names<'a> {
    pub fn new(context: *mut JSContext) -> Self {
        Self {
            context,
            slots: Vec::new(),
            made: Vec::new(),
        }
    }

    /// The atom of a name that stays where it is.
    pub fn atom(&mut self, name: &'a [u8]) -> Step<JSAtom> {
        if self.slots.is_empty() {
            self.slots = vec![(&[], qjs::JS_ATOM_NULL); SLOTS];
        }
        let slot = slot(name);
        let (known, atom) = self.slots[slot];
        if atom != qjs::JS_ATOM_NULL && known == name {
            return Ok(atom);
        }
        let atom = self.atom_once(name)?;
        self.slots[slot] = (name, atom);
        Ok(atom)
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
