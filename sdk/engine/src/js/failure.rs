//! Errors between JavaScript and Rust.

use javy::quickjs::Coerced;

use super::{Ctx, Error, Exception, FromJs, JsString, Result, Utf8, Value, frames_of};

/// Makes an Error with a `code` and throws it.
pub fn throw_code(ctx: &Ctx<'_>, code: &str, message: &str) -> Error {
    match code_error(ctx, code, message) {
        Ok(value) => ctx.throw(value),
        Err(error) => error,
    }
}

fn code_error<'js>(ctx: &Ctx<'js>, code: &str, message: &str) -> Result<Value<'js>> {
    let object = Exception::from_message(ctx.clone(), message)?.into_object();
    object.set("code", code)?;
    Ok(object.into_value())
}

/// The JavaScript value of an error.
pub fn thrown<'js>(ctx: &Ctx<'js>, error: Error) -> Value<'js> {
    // What is not an exception yet comes from the conversion of arguments; throwing it leaves it where `catch` takes it from.
    match error {
        Error::Exception => {}
        Error::FromJs { .. } | Error::MissingArgs { .. } => {
            drop(Exception::throw_type(ctx, &error.to_string()))
        }
        other => drop(Exception::throw_message(ctx, &other.to_string())),
    }
    ctx.catch()
}

/// An error as the host wants it.
pub struct Failure {
    pub name: String,
    pub message: String,
    pub stack: String,
}

impl Failure {
    pub fn new(name: &str, message: &str) -> Self {
        Self {
            name: name.to_owned(),
            message: message.to_owned(),
            stack: String::new(),
        }
    }

    pub fn of_error(ctx: &Ctx<'_>, error: Error) -> Self {
        let value = thrown(ctx, error);
        Self::of_value(ctx, &value)
    }

    pub fn of_value<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Self {
        let Some(object) = value.as_object().filter(|_| value.is_error()) else {
            return Self::new("Error", &display(ctx, value.clone()));
        };
        let property = |name: &str| match object.get::<_, Value>(name) {
            Ok(value) if !value.is_undefined() => display(ctx, value),
            Ok(_) => String::new(),
            Err(_) => {
                ctx.catch();
                String::new()
            }
        };
        Self {
            name: property("name"),
            message: property("message"),
            stack: frames_of(&property("stack")).to_owned(),
        }
    }

    /// As one text for the console.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}", self.name, self.message);
        if !self.stack.is_empty() {
            text.push('\n');
            text.push_str(&self.stack);
        }
        text
    }
}

/// What `String(value)` says, or a stand-in where that throws.
fn display<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> String {
    let string = Coerced::<JsString>::from_js(ctx, value)
        .and_then(|string| Ok(Utf8::of(&string.0)?.text().into_owned()));
    string.unwrap_or_else(|_| {
        ctx.catch();
        "a value that cannot be shown".to_owned()
    })
}
