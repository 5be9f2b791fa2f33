//! URLs by the `url` crate. Its `quirks` module is the WHATWG URL API: setters that ignore what the standard says to ignore.

use url::{Url, form_urlencoded, quirks};

use crate::js::{
    Accessor, Array, Class, Ctx, Exception, Func, IntoJs, Object, Opt, Result, Text, This, Value,
    native_class, string_array,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("parseUrl", Func::from(parse_url))?;
    native.set("tryParseUrl", Func::from(try_parse_url))?;
    native.set("parseQuery", Func::from(parse_query))?;
    native.set("serializeQuery", Func::from(serialize_query))
}

/// `NativeUrl` in `sdk/js/src/native.ts`.
pub struct NativeUrl(Url);

type ThisUrl<'js> = This<Class<'js, NativeUrl>>;

/// Gives the prototype an accessor; what a setter rejects it ignores.
macro_rules! part {
    ($prototype:ident, $name:literal, $get:ident, $set:ident) => {
        let get = |this: ThisUrl<'_>| quirks::$get(&this.0.borrow().0).to_owned();
        let set = |this: ThisUrl<'_>, value: Text| {
            let _ = quirks::$set(&mut this.0.borrow_mut().0, &value.0);
        };
        $prototype.prop($name, Accessor::new(get, set).enumerable())?;
    };
}

native_class!(NativeUrl, "NativeUrl", |prototype| {
    let href = |this: ThisUrl<'_>| this.0.borrow().0.as_str().to_owned();
    prototype.prop("href", Accessor::new(href, set_href).enumerable())?;
    let origin = |this: ThisUrl<'_>| quirks::origin(&this.0.borrow().0);
    prototype.prop("origin", Accessor::new_get(origin).enumerable())?;
    part!(prototype, "protocol", protocol, set_protocol);
    part!(prototype, "username", username, set_username);
    part!(prototype, "password", password, set_password);
    part!(prototype, "host", host, set_host);
    part!(prototype, "hostname", hostname, set_hostname);
    part!(prototype, "port", port, set_port);
    part!(prototype, "pathname", pathname, set_pathname);
    part!(prototype, "search", search, set_search);
    part!(prototype, "hash", hash, set_hash);
});

fn set_href(this: ThisUrl<'_>, ctx: Ctx<'_>, value: Text) -> Result<()> {
    this.0.borrow_mut().0 = Url::parse(&value.0).map_err(|_| invalid(&ctx))?;
    Ok(())
}

fn parse(url: &str, base: Option<Text>) -> Option<Url> {
    match base {
        Some(base) => Url::parse(&base.0).ok()?.join(url).ok(),
        None => Url::parse(url).ok(),
    }
}

fn parse_url<'js>(
    ctx: Ctx<'js>,
    url: Text,
    base: Opt<Option<Text>>,
) -> Result<Class<'js, NativeUrl>> {
    let url = parse(&url.0, base.0.flatten()).ok_or_else(|| invalid(&ctx))?;
    Class::instance(ctx, NativeUrl(url))
}

fn try_parse_url<'js>(ctx: Ctx<'js>, url: Text, base: Opt<Option<Text>>) -> Result<Value<'js>> {
    match parse(&url.0, base.0.flatten()) {
        Some(url) => Class::instance(ctx.clone(), NativeUrl(url))?.into_js(&ctx),
        None => Ok(Value::new_null(ctx)),
    }
}

fn invalid(ctx: &Ctx<'_>) -> crate::js::Error {
    Exception::throw_type(ctx, "Invalid URL")
}

fn parse_query<'js>(ctx: Ctx<'js>, text: Text) -> Result<Array<'js>> {
    let flat = form_urlencoded::parse(text.0.as_bytes()).flat_map(|(name, value)| [name, value]);
    string_array(&ctx, flat)
}

fn serialize_query(flat: Vec<Text>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for pair in flat.chunks_exact(2) {
        query.append_pair(&pair[0].0, &pair[1].0);
    }
    query.finish()
}
