//! What the scan says of each token, taken out of lol_html's lifetimes.

use lol_html::html_content::{Comment, Doctype, Element, EndTag, TextChunk};

/// One call of a handler that is due.
pub struct Event {
    /// `handler_index`, or none for an end tag, whose handlers JavaScript keeps with its element.
    pub handler: Option<u32>,
    pub token: u32,
    /// Only with the first event of the token.
    pub scanned: Option<Scanned>,
}

pub enum Scanned {
    Element {
        name: String,
        namespace: &'static str,
        can_have_content: bool,
        attributes: Vec<(String, String)>,
    },
    EndTag {
        /// The token of its element.
        element: u32,
        name: String,
    },
    Text {
        text: String,
        last: bool,
    },
    Comment(String),
    Doctype {
        name: Option<String>,
        public_id: Option<String>,
        system_id: Option<String>,
    },
    End,
}

impl Scanned {
    pub fn element(element: &Element<'_, '_>) -> Self {
        let attributes = element.attributes().iter();
        Self::Element {
            name: element.tag_name(),
            namespace: element.namespace_uri(),
            can_have_content: element.can_have_content(),
            attributes: attributes
                .map(|attribute| (attribute.name(), attribute.value()))
                .collect(),
        }
    }

    pub fn end_tag(element: u32, tag: &EndTag<'_>) -> Self {
        Self::EndTag {
            element,
            name: tag.name(),
        }
    }

    pub fn text(chunk: &TextChunk<'_>) -> Self {
        Self::Text {
            text: chunk.as_str().to_owned(),
            last: chunk.last_in_text_node(),
        }
    }

    pub fn comment(comment: &Comment<'_>) -> Self {
        Self::Comment(comment.text())
    }

    pub fn doctype(doctype: &Doctype<'_>) -> Self {
        Self::Doctype {
            name: doctype.name(),
            public_id: doctype.public_id(),
            system_id: doctype.system_id(),
        }
    }
}
