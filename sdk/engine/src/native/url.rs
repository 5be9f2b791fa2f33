//! URLs and query strings, by `crate::url`.

use crate::js::{
    Accessor, Array, Class, Ctx, Exception, Func, IntoJs, Object, Opt, Result, Text, This, Value,
    native_class, string_array,
};
use crate::url::{Url, parse_form, serialize_form};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("parseUrl", Func::from(parse_url))?;
    native.set("tryParseUrl", Func::from(try_parse_url))?;
    native.set("canParseUrl", Func::from(can_parse_url))?;
    native.set("parseQuery", Func::from(parse_query))?;
    native.set("serializeQuery", Func::from(serialize_query))
}

/// `NativeUrl` in `sdk/js/src/native.ts`.
pub struct NativeUrl(Url);

type ThisUrl<'js> = This<Class<'js, NativeUrl>>;

/// Gives the prototype an accessor.
macro_rules! part {
    ($prototype:ident, $name:literal, $get:expr, $set:ident) => {
        let get = |this: ThisUrl<'_>| -> String { $get(&this.0.borrow().0) };
        let set = |this: ThisUrl<'_>, value: Text| this.0.borrow_mut().0.$set(&value.0);
        $prototype.prop($name, Accessor::new(get, set).enumerable())?;
    };
}

native_class!(NativeUrl, "NativeUrl", |prototype| {
    let href = |this: ThisUrl<'_>| this.0.borrow().0.href();
    prototype.prop("href", Accessor::new(href, set_href).enumerable())?;
    let origin = |this: ThisUrl<'_>| this.0.borrow().0.origin();
    prototype.prop("origin", Accessor::new_get(origin).enumerable())?;
    part!(
        prototype,
        "protocol",
        |url: &Url| format!("{}:", url.scheme()),
        set_protocol
    );
    part!(
        prototype,
        "username",
        |url: &Url| url.username().to_owned(),
        set_username
    );
    part!(
        prototype,
        "password",
        |url: &Url| url.password().to_owned(),
        set_password
    );
    part!(prototype, "host", Url::host, set_host);
    part!(
        prototype,
        "hostname",
        |url: &Url| url.hostname().to_owned(),
        set_hostname
    );
    part!(prototype, "port", Url::port, set_port);
    part!(
        prototype,
        "pathname",
        |url: &Url| url.path().to_owned(),
        set_pathname
    );
    part!(
        prototype,
        "search",
        |url: &Url| marked('?', url.query()),
        set_search
    );
    part!(
        prototype,
        "hash",
        |url: &Url| marked('#', url.fragment()),
        set_hash
    );
    let query = |this: ThisUrl<'_>| this.0.borrow().0.query().unwrap_or_default().to_owned();
    prototype.prop("query", Accessor::new(query, set_query))?;
});

/// An empty part is as good as none.
fn marked(mark: char, part: Option<&str>) -> String {
    match part {
        None | Some("") => String::new(),
        Some(part) => format!("{mark}{part}"),
    }
}

fn set_href(this: ThisUrl<'_>, ctx: Ctx<'_>, value: Text) -> Result<()> {
    this.0.borrow_mut().0 = Url::parse(&value.0, None).ok_or_else(|| invalid(&ctx))?;
    Ok(())
}

fn set_query(this: ThisUrl<'_>, value: Text) {
    let query = Some(value.0).filter(|query| !query.is_empty());
    this.0.borrow_mut().0.replace_query(query);
}

fn parse(url: &str, base: Option<Text>) -> Option<Url> {
    match base {
        Some(base) => Url::parse(url, Some(&Url::parse(&base.0, None)?)),
        None => Url::parse(url, None),
    }
}

fn can_parse_url(url: Text, base: Opt<Option<Text>>) -> bool {
    parse(&url.0, base.0.flatten()).is_some()
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
    let pairs = parse_form(&text.0);
    string_array(&ctx, pairs.flat_map(|(name, value)| [name, value]))
}

fn serialize_query(flat: Vec<Text>) -> String {
    let pairs = flat.chunks_exact(2);
    serialize_form(pairs.map(|pair| (pair[0].0.as_str(), pair[1].0.as_str())))
}
