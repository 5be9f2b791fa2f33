//! The Cache API by the `cache` binding. What may be given to it is checked by the prelude.

use std::cell::Cell;
use std::rc::Rc;

use super::{headers, run_time_only};
use crate::bindings::ouro::host::cache::{self, Error as CacheError, Request, Writer};
use crate::body::{self, InputBody};
use crate::js::{
    Array, Ctx, Error, Exception, Func, Function, Object, Result, Text, Value, throw_code,
};
use crate::writer::{self, Target, WriterState};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("cacheMatch", Func::from(match_))?;
    native.set("cachePut", Func::from(put))?;
    native.set("cacheDelete", Func::from(delete))
}

/// A `NativeResponse` (`sdk/js/src/native.ts`), or null.
fn match_<'js>(ctx: Ctx<'js>, cache: Text, url: Text, flat: Array<'js>) -> Result<Value<'js>> {
    run_time_only(&ctx, "reading a cache")?;
    let lines = headers::to_lines(&ctx, &flat)?;
    let request = Request {
        url: &url.0,
        headers: &lines,
    };
    let found = cache::match_(&cache.0, request).map_err(|error| throw(&ctx, error))?;
    let Some(response) = found else {
        return Ok(Value::new_null(ctx));
    };
    let answer = Object::new(ctx.clone())?;
    answer.set("status", response.status)?;
    answer.set("headers", headers::to_flat(&ctx, &response.headers)?)?;
    let body = response.body.map(|stream| InputBody {
        stream,
        coding: None,
        _owner: None,
    });
    answer.set("body", body::optional_value(&ctx, body)?)?;
    Ok(answer.into_value())
}

/// A `NativeCacheWriter` (`sdk/js/src/native.ts`); null where the response is not to be stored.
fn put<'js>(
    ctx: Ctx<'js>,
    cache: Text,
    url: Text,
    status: u16,
    flat: Array<'js>,
) -> Result<Value<'js>> {
    run_time_only(&ctx, "writing a cache")?;
    let lines = headers::to_lines(&ctx, &flat)?;
    let writer =
        cache::put(&cache.0, &url.0, status, &lines).map_err(|error| throw(&ctx, error))?;
    let Some(writer) = writer else {
        return Ok(Value::new_null(ctx));
    };
    let (stream, end) = (writer.stream(), Rc::new(Cell::new(None)));
    let target = Target::Cache(CacheBody {
        writer,
        end: end.clone(),
    });
    let answer = Object::new(ctx.clone())?;
    let state = WriterState::new(stream, target);
    answer.set("writer", writer::to_value(&ctx, state)?)?;
    let check = move |ctx: Ctx<'_>| match end.take() {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(throw(&ctx, error)),
        None => Err(Exception::throw_type(
            &ctx,
            "the body of the response broke off",
        )),
    };
    answer.set("check", Function::new(ctx, check)?)?;
    Ok(answer.into_value())
}

/// How storing ended; none before.
type End = Rc<Cell<Option<std::result::Result<(), CacheError>>>>;

/// A response that is being stored.
pub struct CacheBody {
    writer: Writer,
    end: End,
}

impl CacheBody {
    pub fn finish(self) {
        self.end.set(Some(Writer::finish(self.writer)));
    }
}

fn delete(ctx: Ctx<'_>, cache: Text, url: Text) -> Result<bool> {
    run_time_only(&ctx, "writing a cache")?;
    cache::delete(&cache.0, &url.0).map_err(|error| throw(&ctx, error))
}

fn throw(ctx: &Ctx<'_>, error: CacheError) -> Error {
    match error {
        CacheError::Refused(message) => Exception::throw_type(ctx, &message),
        CacheError::Limit(message) => throw_code(ctx, "limit", &message),
    }
}
