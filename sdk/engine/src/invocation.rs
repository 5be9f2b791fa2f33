//! One invocation: what it was given and what it still owes. An instance serves exactly one.

use std::cell::{Cell, RefCell};

use crate::js::{Ctx, Failure, Result, Value, string_array};
use crate::native::console;
use crate::{body, engine, event_loop, http};

const NEVER_ANSWERS: &str =
    "the worker's handler never answers: it waits for a promise that nothing can settle";
const BODY_NEVER_ENDS: &str =
    "the response's body never ends: it waits for a promise that nothing can settle";
const NEVER_SETTLES: &str =
    "a promise given to waitUntil waits for what can never happen: the invocation ends without it";

pub struct Request {
    pub method: String,
    /// Absolute.
    pub url: String,
    pub body: body::Source,
}

/// One entry of `env`: name, kind and value (see `Prelude.fetch` in `sdk/js/src/native.ts`).
pub type EnvEntry = (String, &'static str, String);

thread_local! {
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
    static BODY_OPEN: Cell<bool> = const { Cell::new(false) };
    static HOLDS: Cell<u32> = const { Cell::new(0) };
    static HEADERS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Serves the request to its end: response, its body, and what `holdInvocation` holds.
pub fn serve(request: Request, headers: Vec<u8>, env: Vec<EnvEntry>) {
    HEADERS.set(headers);
    run(|ctx| start(ctx, request, env), |_| Ok(()));
}

/// Starts something, runs it to its end, and then asks how it ended; none where that fails.
pub fn run<R>(
    start: impl FnOnce(&Ctx<'_>) -> Result<()>,
    end: impl FnOnce(&Ctx<'_>) -> Result<R>,
) -> Option<R> {
    engine::with(|ctx| {
        if let Err(error) = start(ctx) {
            fail(&Failure::of_error(ctx, error));
        }
        event_loop::run(ctx);
        if !ANSWERED.get() {
            fail(&Failure::new("Error", NEVER_ANSWERS));
        } else if BODY_OPEN.get() {
            fail(&Failure::new("Error", BODY_NEVER_ENDS));
        } else if HOLDS.get() > 0 {
            console::log(console::WARN, NEVER_SETTLES);
        }
        let end = end(ctx).map_err(|error| fail(&Failure::of_error(ctx, error)));
        end.ok()
    })
}

/// Field lines of the request that is to be served.
#[cfg(not(feature = "standalone"))]
pub fn set_headers(headers: Vec<u8>) {
    HEADERS.set(headers);
}

fn start(ctx: &Ctx<'_>, request: Request, env: Vec<EnvEntry>) -> Result<()> {
    let body = match request.body {
        body::Source::Empty => Value::new_null(ctx.clone()),
        source => body::to_value(ctx, source)?,
    };
    let flat = env
        .iter()
        .flat_map(|(name, kind, value)| [name.as_str(), kind, value.as_str()]);
    let env = string_array(ctx, flat)?;
    engine::call_fetch(ctx, &request.method, &request.url, body, env)
}

/// Nothing is owed any more.
pub fn finished() -> bool {
    ANSWERED.get() && !BODY_OPEN.get() && HOLDS.get() == 0
}

/// The request's field lines, raw.
pub fn with_headers<R>(body: impl FnOnce(&[u8]) -> R) -> R {
    HEADERS.with_borrow(|headers| body(headers))
}

/// Marks the request as answered; false where it was before.
pub fn answer() -> bool {
    !ANSWERED.replace(true)
}

pub fn open_body() {
    BODY_OPEN.set(true);
}

pub fn close_body() {
    BODY_OPEN.set(false);
}

pub fn hold() {
    HOLDS.set(HOLDS.get() + 1);
}

pub fn release() {
    HOLDS.set(HOLDS.get().saturating_sub(1));
}

/// Tells the host; before an answer this is one, with status 500.
pub fn fail(failure: &Failure) {
    ANSWERED.set(true);
    http::fail(failure);
}
