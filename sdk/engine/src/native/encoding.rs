//! Text to bytes and back: UTF-8, and the encodings of the WHATWG Encoding Standard by encoding_rs.

use encoding_rs::{DecoderResult, Encoding};

use crate::js::{
    Bytes, Class, Ctx, Exception, Func, JsString, Object, Result, Text, This, Utf8, Value,
    bytes_value, native_class,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("utf8Encode", Func::from(utf8_encode))?;
    native.set("utf8EncodeInto", Func::from(utf8_encode_into))?;
    native.set("utf8DecodeLossy", Func::from(utf8_decode_lossy))?;
    native.set("createDecoder", Func::from(create_decoder))?;
    native.set("encodingName", Func::from(encoding_name))
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: JsString<'js>) -> Result<Value<'js>> {
    bytes_value(&ctx, Utf8::of(&text)?.text().as_bytes())
}

fn utf8_encode_into<'js>(text: JsString<'js>, mut view: Bytes<'js>) -> Result<Vec<usize>> {
    let text = Utf8::of(&text)?;
    let text = text.text();
    let to = view.as_mut_slice();
    let mut written = text.len().min(to.len());
    while !text.is_char_boundary(written) {
        written -= 1;
    }
    to[..written].copy_from_slice(&text.as_bytes()[..written]);
    let read = text[..written].chars().map(char::len_utf16).sum();
    Ok(vec![read, written])
}

fn utf8_decode_lossy<'js>(ctx: Ctx<'js>, bytes: Bytes<'js>) -> Result<JsString<'js>> {
    JsString::from_str(ctx, &String::from_utf8_lossy(bytes.as_slice()))
}

/// Standard names are in lower case, as `TextDecoder.encoding` gives them.
fn encoding_name<'js>(ctx: Ctx<'js>, label: Text) -> Result<Value<'js>> {
    match Encoding::for_label_no_replacement(label.0.as_bytes()) {
        Some(encoding) => {
            Ok(JsString::from_str(ctx, &encoding.name().to_ascii_lowercase())?.into_value())
        }
        None => Ok(Value::new_null(ctx)),
    }
}

/// `NativeDecoder` in `sdk/js/src/native.ts`.
struct NativeDecoder {
    decoder: encoding_rs::Decoder,
    fatal: bool,
    ignore_bom: bool,
}

native_class!(NativeDecoder, "NativeDecoder", |prototype| {
    prototype.set("decode", Func::from(decode))?;
});

fn create_decoder<'js>(
    ctx: Ctx<'js>,
    label: Text,
    fatal: bool,
    ignore_bom: bool,
) -> Result<Class<'js, NativeDecoder>> {
    let Some(encoding) = Encoding::for_label_no_replacement(label.0.as_bytes()) else {
        return Err(Exception::throw_range(
            &ctx,
            &format!("`{}` is not the label of an encoding", label.0),
        ));
    };
    let decoder = new_decoder(encoding, ignore_bom);
    Class::instance(
        ctx,
        NativeDecoder {
            decoder,
            fatal,
            ignore_bom,
        },
    )
}

fn new_decoder(encoding: &'static Encoding, ignore_bom: bool) -> encoding_rs::Decoder {
    if ignore_bom {
        encoding.new_decoder_without_bom_handling()
    } else {
        encoding.new_decoder_with_bom_removal()
    }
}

fn decode<'js>(
    this: This<Class<'js, NativeDecoder>>,
    ctx: Ctx<'js>,
    bytes: Bytes<'js>,
    more: bool,
) -> Result<JsString<'js>> {
    let mut this = this.0.borrow_mut();
    let result = decode_step(&mut this, bytes.as_slice(), !more);
    if !more || result.is_none() {
        // The next call begins a new text.
        let encoding = this.decoder.encoding();
        this.decoder = new_decoder(encoding, this.ignore_bom);
    }
    match result {
        Some(text) => JsString::from_str(ctx, &text),
        None => Err(Exception::throw_type(
            &ctx,
            "the encoded data was not valid",
        )),
    }
}

fn decode_step(this: &mut NativeDecoder, bytes: &[u8], last: bool) -> Option<String> {
    let length = this.decoder.max_utf8_buffer_length(bytes.len())?;
    let mut text = String::with_capacity(length);
    if !this.fatal {
        let _ = this.decoder.decode_to_string(bytes, &mut text, last);
        return Some(text);
    }
    let (result, _) = this
        .decoder
        .decode_to_string_without_replacement(bytes, &mut text, last);
    matches!(result, DecoderResult::InputEmpty).then_some(text)
}
