//! What handlers did to tokens, and how it is done to lol_html's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lol_html::HandlerResult;
use lol_html::html_content::{
    Comment, ContentType, Doctype, DocumentEnd, Element, EndTag, StreamingHandler,
    StreamingHandlerSink, TextChunk,
};

/// The edits of one piece of the document, by token.
pub type Edits = HashMap<u32, Vec<Edit>>;

/// What is inserted.
pub enum Content {
    Text(String, bool),
    /// A stream that JavaScript holds under this number and writes there itself.
    Stream(u32),
}

pub enum Edit {
    Before(Content),
    After(Content),
    Prepend(Content),
    Append(Content),
    Replace(Content),
    SetInner(Content),
    Remove,
    RemoveAndKeepContent,
    SetAttribute(String, String),
    RemoveAttribute(String),
    SetName(String),
    SetText(String),
}

/// What the applying pass has written, and where streams belong.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// Position in `bytes` and number of the stream.
    streams: Vec<(usize, u32)>,
}

/// Bytes, then a stream, and so on.
pub enum OutputPart {
    Bytes(Vec<u8>),
    Stream(u32),
}

impl Output {
    // lol_html wants its streaming handlers to be `Send`; nothing here ever waits for the lock.
    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, chunk: &[u8]) {
        self.written().bytes.extend_from_slice(chunk);
    }

    fn push_stream(&self, stream: u32) {
        let mut written = self.written();
        let at = written.bytes.len();
        written.streams.push((at, stream));
    }

    /// Takes all that was written so far.
    pub fn take(&self) -> Vec<OutputPart> {
        let Written { mut bytes, streams } = std::mem::take(&mut *self.written());
        let (mut parts, mut taken) = (Vec::with_capacity(2 * streams.len() + 1), 0);
        for (at, stream) in streams {
            let rest = bytes.split_off(at - taken);
            parts.push(OutputPart::Bytes(bytes));
            parts.push(OutputPart::Stream(stream));
            (bytes, taken) = (rest, at);
        }
        parts.push(OutputPart::Bytes(bytes));
        parts
    }

    fn marker(&self, stream: u32) -> Box<dyn StreamingHandler + Send> {
        let output = self.clone();
        Box::new(move |_: &mut StreamingHandlerSink<'_>| {
            output.push_stream(stream);
            Ok(())
        })
    }
}

fn kind(html: bool) -> ContentType {
    if html {
        ContentType::Html
    } else {
        ContentType::Text
    }
}

/// Calls the plain or the streaming form of a method of lol_html.
macro_rules! insert {
    ($token:ident, $output:ident, $content:ident, $plain:ident, $streaming:ident) => {
        match $content {
            Content::Text(text, html) => $token.$plain(&text, kind(html)),
            Content::Stream(stream) => $token.$streaming($output.marker(stream)),
        }
    };
}

/// Edits that tokens of all kinds but the doctype know.
macro_rules! common {
    ($token:ident, $output:ident, $edit:ident) => {
        match $edit {
            Edit::Before(content) => insert!($token, $output, content, before, streaming_before),
            Edit::After(content) => insert!($token, $output, content, after, streaming_after),
            Edit::Replace(content) => insert!($token, $output, content, replace, streaming_replace),
            Edit::Remove => $token.remove(),
            // The prelude offers no other on this kind of token.
            _ => {}
        }
    };
}

pub fn element(token: &mut Element<'_, '_>, edits: Vec<Edit>, output: &Output) -> HandlerResult {
    for edit in edits {
        match edit {
            Edit::Prepend(content) => insert!(token, output, content, prepend, streaming_prepend),
            Edit::Append(content) => insert!(token, output, content, append, streaming_append),
            Edit::SetInner(content) => {
                insert!(
                    token,
                    output,
                    content,
                    set_inner_content,
                    streaming_set_inner_content
                )
            }
            Edit::RemoveAndKeepContent => token.remove_and_keep_content(),
            Edit::SetAttribute(name, value) => token.set_attribute(&name, &value)?,
            Edit::RemoveAttribute(name) => token.remove_attribute(&name),
            Edit::SetName(name) => token.set_tag_name(&name)?,
            edit => common!(token, output, edit),
        }
    }
    Ok(())
}

pub fn end_tag(token: &mut EndTag<'_>, edits: Vec<Edit>, output: &Output) {
    for edit in edits {
        match edit {
            Edit::SetName(name) => token.set_name_str(name),
            edit => common!(token, output, edit),
        }
    }
}

pub fn text(token: &mut TextChunk<'_>, edits: Vec<Edit>, output: &Output) {
    for edit in edits {
        common!(token, output, edit);
    }
}

pub fn comment(token: &mut Comment<'_>, edits: Vec<Edit>, output: &Output) -> HandlerResult {
    for edit in edits {
        match edit {
            Edit::SetText(text) => token.set_text(&text)?,
            edit => common!(token, output, edit),
        }
    }
    Ok(())
}

pub fn doctype(token: &mut Doctype<'_>, edits: &[Edit]) {
    if edits.iter().any(|edit| matches!(edit, Edit::Remove)) {
        token.remove();
    }
}

pub fn document_end(token: &mut DocumentEnd<'_>, edits: Vec<Edit>, output: &Output) {
    for edit in edits {
        match edit {
            Edit::Append(Content::Text(text, html)) => token.append(&text, kind(html)),
            // Nothing comes after it, so that the place is where the output ends.
            Edit::Append(Content::Stream(stream)) => output.push_stream(stream),
            _ => {}
        }
    }
}
