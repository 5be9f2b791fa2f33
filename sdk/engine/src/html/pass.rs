//! One of the two passes over a document: a lol_html rewriter whose handlers scan, or apply edits.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lol_html::errors::RewritingError;
use lol_html::html_content::{Comment, Doctype, DocumentEnd, Element, EndTag, TextChunk, UserData};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, HandlerResult,
    HtmlRewriter, MemorySettings, Settings,
};

use super::edit::{self, Edit, Edits, Output};
use super::token::{Event, Scanned};
use super::{COMMENTS, ELEMENT, END, Registration, TEXT, handler_index};

/// What lol_html may keep of one document, in bytes: open elements and a token that has not ended yet. As on Cloudflare.
const MEMORY_BYTES_MAX: usize = 3 << 20;

pub type PassError = RewritingError;

/// What the handlers of a pass do.
enum Work {
    Scan(RefCell<Vec<Event>>),
    Apply(RefCell<Edits>, Output),
}

struct State {
    work: Work,
    /// Tokens so far: the number of the next one.
    tokens: Cell<u32>,
}

impl State {
    fn next_token(&self) -> u32 {
        let token = self.tokens.get();
        self.tokens.set(token.wrapping_add(1));
        token
    }

    /// The token's number, and whether this is the first handler that meets it.
    fn identify(&self, token: &mut impl UserData) -> (u32, bool) {
        if let Some(number) = token.user_data().downcast_ref::<u32>() {
            return (*number, false);
        }
        let number = self.next_token();
        token.set_user_data(number);
        (number, true)
    }

    fn meet<T>(
        &self,
        handler: Option<u32>,
        (number, first): (u32, bool),
        token: &mut T,
        scan: impl FnOnce(&T) -> Scanned,
        apply: impl FnOnce(&mut T, Vec<Edit>, &Output) -> HandlerResult,
    ) -> HandlerResult {
        match &self.work {
            Work::Scan(events) => events.borrow_mut().push(Event {
                handler,
                token: number,
                scanned: first.then(|| scan(token)),
            }),
            // All handlers have run, so that the first to meet the token again does what all of them said.
            Work::Apply(edits, output) if first => {
                let edits = edits.borrow_mut().remove(&number);
                return edits.map_or(Ok(()), |edits| apply(token, edits, output));
            }
            Work::Apply(..) => {}
        }
        Ok(())
    }
}

/// The end tag of every matched element is a token, whether or not a handler will ask for it: the scan cannot know.
fn meet_element(state: &Rc<State>, handler: u32, element: &mut Element<'_, '_>) -> HandlerResult {
    let identity = state.identify(element);
    if identity.1
        && let Some(handlers) = element.end_tag_handlers()
    {
        let state = state.clone();
        handlers.push(Box::new(move |tag: &mut EndTag<'_>| {
            let identity_of_tag = (state.next_token(), true);
            let scan = |tag: &EndTag<'_>| Scanned::end_tag(identity.0, tag);
            state.meet(None, identity_of_tag, tag, scan, |tag, edits, output| {
                edit::end_tag(tag, edits, output);
                Ok(())
            })
        }));
    }
    state.meet(
        Some(handler),
        identity,
        element,
        |element| Scanned::element(element),
        |element, edits, output| edit::element(element, edits, output),
    )
}

/// Makes a closure that meets a token which carries its own number.
macro_rules! meeting {
    ($token:ident, $state:expr, $handler:expr, $scan:expr, $apply:expr) => {{
        let (state, handler) = ($state.clone(), $handler);
        move |token: &mut $token<'_>| {
            let identity = state.identify(token);
            state.meet(Some(handler), identity, token, $scan, $apply)
        }
    }};
}

macro_rules! comments {
    ($state:expr, $handler:expr) => {
        meeting!(
            Comment,
            $state,
            $handler,
            |comment| Scanned::comment(comment),
            |comment, edits, output| { edit::comment(comment, edits, output) }
        )
    };
}

macro_rules! text {
    ($state:expr, $handler:expr) => {
        meeting!(
            TextChunk,
            $state,
            $handler,
            |chunk| Scanned::text(chunk),
            |chunk, edits, output| {
                edit::text(chunk, edits, output);
                Ok(())
            }
        )
    };
}

fn element_handlers(state: &Rc<State>, at: usize, which: u32) -> ElementContentHandlers<'static> {
    let mut handlers = ElementContentHandlers::default();
    if which & ELEMENT != 0 {
        let (state, handler) = (state.clone(), handler_index(at, ELEMENT));
        handlers = handlers
            .element(move |element: &mut Element<'_, '_>| meet_element(&state, handler, element));
    }
    if which & COMMENTS != 0 {
        handlers = handlers.comments(comments!(state, handler_index(at, COMMENTS)));
    }
    if which & TEXT != 0 {
        handlers = handlers.text(text!(state, handler_index(at, TEXT)));
    }
    handlers
}

fn document_handlers(state: &Rc<State>, at: usize, which: u32) -> DocumentContentHandlers<'static> {
    let mut handlers = DocumentContentHandlers::default();
    if which & ELEMENT != 0 {
        handlers = handlers.doctype(meeting!(
            Doctype,
            state,
            handler_index(at, ELEMENT),
            |doctype| Scanned::doctype(doctype),
            |doctype, edits, _| {
                edit::doctype(doctype, &edits);
                Ok(())
            }
        ));
    }
    if which & COMMENTS != 0 {
        handlers = handlers.comments(comments!(state, handler_index(at, COMMENTS)));
    }
    if which & TEXT != 0 {
        handlers = handlers.text(text!(state, handler_index(at, TEXT)));
    }
    if which & END != 0 {
        let (state, handler) = (state.clone(), handler_index(at, END));
        handlers = handlers.end(move |end: &mut DocumentEnd<'_>| {
            let identity = (state.next_token(), true);
            let apply = |end: &mut _, edits, output: &_| {
                edit::document_end(end, edits, output);
                Ok(())
            };
            state.meet(Some(handler), identity, end, |_| Scanned::End, apply)
        });
    }
    handlers
}

type Sink = Box<dyn FnMut(&[u8])>;

/// A pass. After an error, or the end of the document, it takes no more.
pub struct Pass {
    rewriter: Option<HtmlRewriter<'static, Sink>>,
    state: Rc<State>,
}

impl Pass {
    pub fn scanning(registrations: &[Registration], encoding: AsciiCompatibleEncoding) -> Self {
        let work = Work::Scan(RefCell::default());
        Self::new(registrations, encoding, work, Box::new(|_: &[u8]| {}))
    }

    pub fn applying(registrations: &[Registration], encoding: AsciiCompatibleEncoding) -> Self {
        let output = Output::default();
        let work = Work::Apply(RefCell::default(), output.clone());
        let sink = Box::new(move |chunk: &[u8]| output.push(chunk));
        Self::new(registrations, encoding, work, sink)
    }

    fn new(
        registrations: &[Registration],
        encoding: AsciiCompatibleEncoding,
        work: Work,
        sink: Sink,
    ) -> Self {
        let tokens = Cell::new(0);
        let state = Rc::new(State { work, tokens });
        let mut settings = Settings::new()
            .with_encoding(encoding)
            .with_strict(true)
            .with_memory_settings(
                MemorySettings::new().with_max_allowed_memory_usage(MEMORY_BYTES_MAX),
            );
        for (at, registration) in registrations.iter().enumerate() {
            let which = registration.handlers;
            settings = match &registration.selector {
                Some(selector) => settings.append_element_content_handler((
                    Cow::Owned(selector.clone()),
                    element_handlers(&state, at, which),
                )),
                None => {
                    settings.append_document_content_handler(document_handlers(&state, at, which))
                }
            };
        }
        Self {
            rewriter: Some(HtmlRewriter::new(settings, sink)),
            state,
        }
    }

    /// Takes the next piece; none is the end of the document.
    fn run(&mut self, piece: Option<&[u8]>) -> Result<(), PassError> {
        let Some(mut rewriter) = self.rewriter.take() else {
            return Ok(());
        };
        let Some(piece) = piece else {
            return rewriter.end();
        };
        rewriter.write(piece)?;
        self.rewriter = Some(rewriter);
        Ok(())
    }

    /// Answers with the handlers that are due in this piece.
    pub fn scan(&mut self, piece: Option<&[u8]>) -> Result<Vec<Event>, PassError> {
        self.run(piece)?;
        Ok(match &self.state.work {
            Work::Scan(events) => events.take(),
            Work::Apply(..) => Vec::new(),
        })
    }

    /// Edits what the scan found in the same piece.
    pub fn apply(&mut self, piece: Option<&[u8]>, all: Edits) -> Result<Output, PassError> {
        if let Work::Apply(edits, _) = &self.state.work {
            edits.replace(all);
        }
        self.run(piece)?;
        Ok(match &self.state.work {
            Work::Apply(_, output) => output.clone(),
            Work::Scan(_) => Output::default(),
        })
    }
}
