//! HTMLRewriter: the natives behind `sdk/js/src/web/html-rewriter`, over the two passes of `html`.

use std::cell::RefCell;

use encoding_rs::Encoding;
use lol_html::{AsciiCompatibleEncoding, Selector};

use crate::html::{
    Content, Edit, Edits, Event, OutputPart, Pass, PassError, Registration, Scanned,
};
use crate::js::{
    Array, Bytes, Class, Ctx, Error, Exception, FromJs, Func, Object, Result, Text, This, Value,
    bytes_value, native_class, string_array,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("checkSelector", Func::from(check_selector))?;
    native.set("createRewriter", Func::from(create_rewriter))
}

/// Messages begin as on Cloudflare, where programs may look for them.
fn parser_error(ctx: &Ctx<'_>, reason: impl std::fmt::Display) -> Error {
    Exception::throw_type(ctx, &format!("Parser error: {reason}"))
}

fn parse_selector(ctx: &Ctx<'_>, selector: &str) -> Result<Selector> {
    selector
        .parse()
        .map_err(|error: lol_html::errors::SelectorError| parser_error(ctx, error))
}

fn check_selector(ctx: Ctx<'_>, selector: Text) -> Result<()> {
    parse_selector(&ctx, &selector.0).map(drop)
}

/// `NativeRewriter` in `sdk/js/src/native.ts`.
struct NativeRewriter(RefCell<Document>);

struct Document {
    scanning: Pass,
    applying: Pass,
    /// What was scanned and waits for its edits; none for the end of the document.
    piece: Option<Vec<u8>>,
}

native_class!(NativeRewriter, "NativeRewriter", |prototype| {
    prototype.set("scan", Func::from(scan))?;
    prototype.set("apply", Func::from(apply))?;
});

type ThisRewriter<'js> = This<Class<'js, NativeRewriter>>;

/// `flat` is selector or null, sum of handlers, selector, …
fn create_rewriter<'js>(
    ctx: Ctx<'js>,
    flat: Array<'js>,
    encoding: Text,
) -> Result<Class<'js, NativeRewriter>> {
    let encoding = Encoding::for_label_no_replacement(encoding.0.as_bytes())
        .ok_or_else(|| parser_error(&ctx, "Unknown character encoding has been provided."))?;
    let encoding = AsciiCompatibleEncoding::new(encoding)
        .ok_or_else(|| parser_error(&ctx, "Expected ASCII-compatible encoding."))?;
    let registrations = (0..flat.len() / 2)
        .map(|at| {
            let selector: Option<Text> = flat.get(2 * at)?;
            let selector = selector.map(|text| parse_selector(&ctx, &text.0));
            Ok(Registration {
                selector: selector.transpose()?,
                handlers: flat.get(2 * at + 1)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let document = Document {
        scanning: Pass::scanning(&registrations, encoding),
        applying: Pass::applying(&registrations, encoding),
        piece: None,
    };
    Class::instance(ctx, NativeRewriter(RefCell::new(document)))
}

/// Answers with handler, token, what the token is, handler, …; see `NativeRewriter.scan`.
fn scan<'js>(
    this: ThisRewriter<'js>,
    ctx: Ctx<'js>,
    piece: Option<Bytes<'js>>,
) -> Result<Array<'js>> {
    let this = this.0.borrow();
    let mut document = this.0.borrow_mut();
    document.piece = piece.map(|piece| piece.as_slice().to_vec());
    let Document {
        scanning, piece, ..
    } = &mut *document;
    let events = scanning.scan(piece.as_deref());
    let events = events.map_err(|error| rewriting_error(&ctx, &error))?;
    let answer = Array::new(ctx.clone())?;
    for (index, event) in events.into_iter().enumerate() {
        let Event {
            handler,
            token,
            scanned,
        } = event;
        answer.set(3 * index, handler.map_or(-1.0, f64::from))?;
        answer.set(3 * index + 1, token)?;
        let scanned = scanned
            .map(|scanned| scanned_value(&ctx, scanned))
            .transpose()?;
        answer.set(3 * index + 2, scanned)?;
    }
    Ok(answer)
}

fn rewriting_error(ctx: &Ctx<'_>, error: &PassError) -> Error {
    parser_error(ctx, error)
}

fn scanned_value<'js>(ctx: &Ctx<'js>, scanned: Scanned) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    match scanned {
        Scanned::Element {
            name,
            namespace,
            can_have_content,
            attributes,
        } => {
            array.set(0, name)?;
            array.set(1, namespace)?;
            array.set(2, can_have_content)?;
            let flat = attributes.iter().flat_map(|(name, value)| [name, value]);
            array.set(3, string_array(ctx, flat)?)?;
        }
        Scanned::EndTag { element, name } => {
            array.set(0, name)?;
            array.set(1, element)?;
        }
        Scanned::Text { text, last } => {
            array.set(0, text)?;
            array.set(1, last)?;
        }
        Scanned::Comment(text) => array.set(0, text)?,
        Scanned::Doctype {
            name,
            public_id,
            system_id,
        } => {
            for (index, id) in [name, public_id, system_id].into_iter().enumerate() {
                array.set(index, id)?;
            }
        }
        Scanned::End => {}
    }
    Ok(array)
}

/// `flat` is token, edits, token, …; the answer is bytes, number of a stream, bytes, …
fn apply<'js>(this: ThisRewriter<'js>, ctx: Ctx<'js>, flat: Array<'js>) -> Result<Array<'js>> {
    let mut edits = Edits::new();
    for index in (0..flat.len()).step_by(2) {
        edits.insert(flat.get(index)?, edits_of(&ctx, &flat.get(index + 1)?)?);
    }
    let this = this.0.borrow();
    let mut document = this.0.borrow_mut();
    let Document {
        applying, piece, ..
    } = &mut *document;
    let output = applying.apply(piece.take().as_deref(), edits);
    let output = output.map_err(|error| rewriting_error(&ctx, &error))?;
    let answer = Array::new(ctx.clone())?;
    for (index, part) in output.take().into_iter().enumerate() {
        match part {
            OutputPart::Bytes(bytes) => answer.set(index, bytes_value(&ctx, &bytes)?)?,
            OutputPart::Stream(stream) => answer.set(index, stream)?,
        }
    }
    Ok(answer)
}

/// Edits are flat too: what, and two arguments. The numbers are those of `Op` in `sdk/js/src/web/html-rewriter/tokens.ts`.
fn edits_of<'js>(ctx: &Ctx<'js>, flat: &Array<'js>) -> Result<Vec<Edit>> {
    (0..flat.len() / 3)
        .map(|index| {
            let (op, a, b): (u32, Value, Value) = (
                flat.get(3 * index)?,
                flat.get(3 * index + 1)?,
                flat.get(3 * index + 2)?,
            );
            edit(ctx, op, a, b)
        })
        .collect()
}

fn edit<'js>(ctx: &Ctx<'js>, op: u32, a: Value<'js>, b: Value<'js>) -> Result<Edit> {
    let text = |value: Value<'js>| Text::from_js(ctx, value).map(|text| text.0);
    let content = |a: Value<'js>, b: Value<'js>| match a.as_number() {
        Some(stream) => Ok(Content::Stream(stream as u32)),
        None => Ok::<_, Error>(Content::Text(text(a)?, b.as_bool() == Some(true))),
    };
    Ok(match op {
        0 => Edit::Before(content(a, b)?),
        1 => Edit::After(content(a, b)?),
        2 => Edit::Prepend(content(a, b)?),
        3 => Edit::Append(content(a, b)?),
        4 => Edit::Replace(content(a, b)?),
        5 => Edit::SetInner(content(a, b)?),
        6 => Edit::Remove,
        7 => Edit::RemoveAndKeepContent,
        8 => Edit::SetAttribute(text(a)?, text(b)?),
        9 => Edit::RemoveAttribute(text(a)?),
        10 => Edit::SetName(text(a)?),
        11 => Edit::SetText(text(a)?),
        _ => {
            return Err(Exception::throw_message(
                ctx,
                &format!("no edit has the number {op}"),
            ));
        }
    })
}
