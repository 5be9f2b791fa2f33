//! Formatted text in its parts.

use std::fmt::{self, Write};

use writeable::{Part, PartsWrite, Writeable};

/// Type and text of each part, by turns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(pub Vec<String>);

impl Parts {
    /// Literals that follow each other become one.
    pub fn push(&mut self, kind: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let length = self.0.len();
        if kind == "literal" && length >= 2 && self.0[length - 2] == "literal" {
            self.0[length - 1].push_str(text);
            return;
        }
        self.0.extend([kind.to_owned(), text.to_owned()]);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .chunks_exact(2)
            .map(|pair| (pair[0].as_str(), pair[1].as_str()))
    }

    pub fn text(&self) -> String {
        self.iter().map(|(_, text)| text).collect()
    }

    /// The parts of what ICU4X formats. `name` says what ECMA-402 calls a part of ICU4X; what has no name is a literal.
    pub fn of(value: &impl Writeable, name: fn(Part) -> &'static str) -> Self {
        let mut sink = Sink {
            name,
            within: Vec::new(),
            parts: Self::default(),
        };
        // Writing to memory does not fail.
        let _ = value.write_to_parts(&mut sink);
        sink.parts
    }
}

struct Sink {
    name: fn(Part) -> &'static str,
    within: Vec<&'static str>,
    parts: Parts,
}

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let kind = self.within.last().copied().unwrap_or("literal");
        let length = self.parts.0.len();
        // One part may be written in pieces.
        if kind != "literal" && kind != "group" && length >= 2 && self.parts.0[length - 2] == kind {
            self.parts.0[length - 1].push_str(text);
        } else {
            self.parts.push(kind, text);
        }
        Ok(())
    }
}

impl PartsWrite for Sink {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        let name = (self.name)(part);
        // What has no name of its own is a part of what it stands in.
        let name = if name == "literal" {
            self.within.last().copied().unwrap_or(name)
        } else {
            name
        };
        self.within.push(name);
        let done = write(self);
        self.within.pop();
        done
    }
}
