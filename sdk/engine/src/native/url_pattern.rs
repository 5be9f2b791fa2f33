//! URL patterns, by `crate::url_pattern`. Regular expressions are JavaScript's: the prelude gives a function that tries one.

use crate::js::{
    Array, Ctx, Exception, FromJs, Func, Function, Object, Result, Text, Value, string_array,
};
use crate::url_pattern::{self, Component, Failure, Init, Input, PartKind};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("compileUrlPattern", Func::from(compile_url_pattern))?;
    native.set("urlPatternInput", Func::from(url_pattern_input))
}

/// A string, else an array of the eight components and the base URL, null where they are not there.
impl<'js> FromJs<'js> for Input {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        if value.is_string() {
            return Ok(Self::Text(Text::from_js(ctx, value)?.0));
        }
        let values = Vec::<Option<Text>>::from_js(ctx, value)?;
        let mut texts = values.into_iter().map(|text| text.map(|text| text.0));
        let mut init = Init::default();
        for part in &mut init.parts {
            *part = texts.next().flatten();
        }
        init.base_url = texts.next().flatten();
        Ok(Self::Init(init))
    }
}

fn compile_url_pattern<'js>(
    ctx: Ctx<'js>,
    input: Input,
    base_url: Option<Text>,
    test: Function<'js>,
) -> Result<Array<'js>> {
    let test = |regexp: &str, text: &str| test.call((regexp, text)).map_err(Failure::Thrown);
    let components = url_pattern::create(input, base_url.map(|base| base.0), &test);
    let components = components.map_err(|failure| throw(&ctx, failure))?;
    let array = Array::new(ctx.clone())?;
    for (index, component) in components.iter().enumerate() {
        array.set(index, component_object(&ctx, component)?)?;
    }
    Ok(array)
}

/// `NativeUrlPatternComponent` in `sdk/js/src/native.ts`.
fn component_object<'js>(ctx: &Ctx<'js>, component: &Component) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("pattern", component.pattern.as_str())?;
    object.set("regexp", component.regexp.as_str())?;
    object.set("names", string_array(ctx, &component.names)?)?;
    let parts = &component.parts;
    let has_regexp = parts.iter().any(|part| part.kind == PartKind::Regexp);
    object.set("hasRegExpGroups", has_regexp)?;
    let list = Array::new(ctx.clone())?;
    for (index, part) in parts.iter().enumerate() {
        let item = Array::new(ctx.clone())?;
        item.set(0, part.kind as i32)?;
        item.set(1, part.modifier as i32)?;
        for (place, text) in [&part.prefix, &part.value, &part.suffix]
            .into_iter()
            .enumerate()
        {
            item.set(2 + place, text.as_str())?;
        }
        list.set(index, item)?;
    }
    object.set("parts", list)?;
    Ok(object)
}

fn url_pattern_input<'js>(
    ctx: Ctx<'js>,
    input: Input,
    base_url: Option<Text>,
) -> Result<Value<'js>> {
    let texts = url_pattern::input(input, base_url.map(|base| base.0));
    match texts.map_err(|failure| throw(&ctx, failure))? {
        Some(texts) => Ok(string_array(&ctx, texts)?.into_value()),
        None => Ok(Value::new_null(ctx)),
    }
}

fn throw(ctx: &Ctx<'_>, failure: Failure) -> crate::js::Error {
    match failure {
        Failure::Syntax(message) | Failure::Invalid(message) => Exception::throw_type(ctx, message),
        Failure::Thrown(error) => error,
    }
}
