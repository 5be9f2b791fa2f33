//! Static files of the version by the `assets` binding.

use super::{headers, run_time_only};
use crate::bindings::ouro::host::assets::{self, Error, Request};
use crate::body::{self, InputBody};
use crate::http::{self, field_lines};
use crate::js::{Array, Ctx, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("assetsFetch", Func::from(assets_fetch))
}

/// Answers with a `NativeResponse` (`sdk/js/src/native.ts`).
fn assets_fetch<'js>(
    ctx: Ctx<'js>,
    binding: Text,
    method: Text,
    path: Text,
    flat: Array<'js>,
) -> Result<Object<'js>> {
    run_time_only(&ctx, "reading assets")?;
    let lines = headers::to_lines(&ctx, &flat)?;
    let request = Request {
        method: &method.0,
        path: &path.0,
        headers: &lines,
    };
    let response = assets::fetch(&binding.0, request).map_err(|error| match error {
        Error::NotGranted(message) => throw_code(&ctx, "not-granted", &message),
        Error::Unavailable(message) => throw_code(&ctx, "unavailable", &message),
        Error::Limit(message) => throw_code(&ctx, "limit", &message),
    })?;
    let answer = Object::new(ctx.clone())?;
    answer.set("status", response.status)?;
    answer.set("statusText", http::reason(response.status))?;
    answer.set("headers", headers::to_flat(&ctx, &response.headers)?)?;
    let coding = field_lines(&response.headers)
        .find(|(name, _)| *name == b"content-encoding")
        .and_then(|(_, value)| http::coding_of(value));
    let body = response.body.map(|stream| InputBody {
        stream,
        coding,
        _owner: None,
    });
    answer.set("body", body::optional_value(&ctx, body)?)?;
    Ok(answer)
}
