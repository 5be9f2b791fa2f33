//! What the builder (`sdk/build`) calls, as plain core functions: they take part in making a snapshot and in nothing else.
//!
//! The order is `init` with the prelude, then either `compile` and `places` (in an instance that is thrown away) or `keep_source` and
//! `evaluate` with bytecode, `warm_up` as often as wanted, then `seal`; the memory after `seal` is the snapshot. Arguments are buffers from `ouro_build_alloc`, given back by the call itself.
//! Answers are `pointer << 32 | length` of a buffer for `ouro_build_free`: its first byte is 0 before a result, 1 before an error
//! as JSON `{name, message, stack}`.

use std::alloc::Layout;
use std::cell::RefCell;

use crate::allocator::{self, placement};
use crate::js::{Ctx, Failure, Module, Promise, PromiseState, WriteOptions, source, string_array};
use crate::native::{self, console};
use crate::{body, engine, event_loop, invocation};

const MODULE_NAME: &str = "worker.js";

type Outcome = Result<Vec<u8>, Failure>;

thread_local! {
    static PLACES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[unsafe(no_mangle)]
extern "C" fn ouro_build_alloc(length: usize) -> *mut u8 {
    match layout(length) {
        // SAFETY: the layout's size is not zero.
        Some(layout) => unsafe { std::alloc::alloc(layout) },
        None => std::ptr::null_mut(),
    }
}

/// # Safety
/// The buffer came from this module, with this length.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_free(start: *mut u8, length: usize) {
    if let Some(layout) = layout(length) {
        // SAFETY: as the caller says.
        unsafe { std::alloc::dealloc(start, layout) };
    }
}

/// # Safety
/// The buffer came from `ouro_build_alloc`, with this length, and was filled.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_init(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, init) })
}

/// # Safety
/// As for `ouro_build_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_compile(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, compile) })
}

/// # Safety
/// As for `ouro_build_init`; the bytes are what `ouro_build_compile` of the same engine gave.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_evaluate(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, evaluate) })
}

/// Where the functions of the source are that was compiled last, for `ouro_build_keep_source`.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_places() -> u64 {
    answer(Ok(PLACES.take()))
}

/// Keeps the text of the worker's functions: the length of the places in four bytes, the places, and the source.
///
/// # Safety
/// As for `ouro_build_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_keep_source(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, keep_source) })
}

/// Console lines so far, each ended by a line feed, and forgets them. They are the builder's warnings.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_warnings() -> u64 {
    answer(Ok(console::take_warnings()))
}

/// 1 where the top level asked for the environment of an invocation.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_wants_env() -> u32 {
    native::wants_env().into()
}

/// Objects and blocks of memory of the engine that are alive once garbage is collected, as `objects << 32 | blocks`. A test counts them.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_live() -> u64 {
    let (objects, blocks) = engine::live();
    objects << 32 | blocks
}

/// From now on blocks of memory are noted, for `ouro_build_notes`.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_note() {
    placement::note();
}

/// `address << 32 | number` of the notes since `ouro_build_note`: for each the block's address and its size, which is zero where it was
/// freed. Nothing is noted from now on.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_notes() -> u64 {
    let (start, number) = placement::notes();
    ((start as u64) << 32) | number as u64
}

/// From now on those blocks lie together, in so many bytes, whose bits are set, counted as `ouro_build_notes` counts them.
///
/// # Safety
/// As for `ouro_build_init`, but that the buffer is kept until `ouro_build_placed`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_place(start: *mut u8, length: usize, bytes: usize) {
    if length > 0 {
        // SAFETY: as the caller says.
        let hot = unsafe { std::slice::from_raw_parts(start, length) };
        placement::place(hot, bytes);
    }
}

/// Ends what `ouro_build_place` began.
///
/// # Safety
/// The buffer is that of `ouro_build_place`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_placed(start: *mut u8, length: usize) {
    placement::end();
    // SAFETY: as the caller says.
    unsafe { ouro_build_free(start, length) };
}

/// Hands a request to the worker's handler and takes what it answers, as a part of the top level: what libraries do at first use is done
/// then, and stays.
///
/// # Safety
/// As for `ouro_build_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_warm_up(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, warm_up) })
}

/// Serves a request, after `seal`, in an instance that is thrown away: to see what an invocation writes to.
///
/// # Safety
/// As for `ouro_build_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_build_rehearse(start: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller says.
    answer(unsafe { with_argument(start, length, rehearse) })
}

/// Ends the build: collects garbage, and from now on the run time's rules hold.
#[unsafe(no_mangle)]
extern "C" fn ouro_build_seal() {
    drop(console::take_warnings());
    engine::settle_memory();
    allocator::seal();
}

fn init(prelude: &[u8]) -> Outcome {
    engine::create(prelude)?;
    engine::track_rejections();
    // A collection leaves its list of objects in an order of its own. Where that is done before a worker comes, the one that seals it
    // changes little of what all workers share.
    engine::settle_memory();
    allocator::tidy();
    Ok(Vec::new())
}

fn compile(source: &[u8]) -> Outcome {
    engine::with(|ctx| {
        // The source text stays out of the bytecode; positions stay in, for stack traces and to find functions in the text.
        let options = WriteOptions {
            strip_source: true,
            ..WriteOptions::default()
        };
        let (module, places) = source::note(|| Module::declare(ctx.clone(), MODULE_NAME, source));
        PLACES.set(places);
        module
            .and_then(|module| module.write(options))
            .map_err(|error| Failure::of_error(ctx, error))
    })
}

fn keep_source(argument: &[u8]) -> Outcome {
    let parts = argument.split_first_chunk().and_then(|(length, rest)| {
        let length = u32::from_le_bytes(*length) as usize;
        rest.split_at_checked(length)
    });
    let (places, text) = parts.ok_or_else(|| Failure::new("Error", "not a source"))?;
    source::keep(text, places);
    Ok(Vec::new())
}

fn evaluate(bytecode: &[u8]) -> Outcome {
    engine::with(|ctx| {
        evaluate_in(ctx, bytecode)?;
        Ok(Vec::new())
    })
}

fn evaluate_in(ctx: &Ctx<'_>, bytecode: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::of_error(ctx, error);
    engine::call_prelude::<()>(ctx, "beginEvaluation", None).map_err(failed)?;
    // SAFETY: the builder hands over what this engine compiled.
    let module = unsafe { Module::load(ctx.clone(), bytecode) }.map_err(failed)?;
    let (module, promise) = module.eval().map_err(failed)?;
    settle(ctx, &promise)?;
    let namespace = module.namespace().map_err(failed)?;
    engine::call_prelude::<()>(ctx, "register", Some(namespace.into_value())).map_err(failed)?;
    event_loop::run_jobs(ctx);
    engine::call_prelude(ctx, "endEvaluation", None).map_err(failed)
}

/// Runs jobs until the promise is settled.
fn settle<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>) -> Result<(), Failure> {
    event_loop::drain_jobs(ctx);
    match promise.state() {
        PromiseState::Pending => Err(Failure::new("Error", NEVER_SETTLES)),
        PromiseState::Rejected => {
            // The answer says it; as a warning it would stand there twice.
            event_loop::forget_rejections();
            let error = promise.finish::<()>();
            error.map_err(|error| Failure::of_error(ctx, error))
        }
        PromiseState::Resolved => Ok(()),
    }
}

fn warm_up(message: &[u8]) -> Outcome {
    let Message {
        method,
        url,
        headers,
        body,
    } = Message::read(message);
    engine::with(|ctx| {
        let failed = |error| Failure::of_error(ctx, error);
        engine::call_prelude::<()>(ctx, "beginEvaluation", None).map_err(failed)?;
        let headers = string_array(
            ctx,
            headers.iter().flat_map(|(name, value)| [&**name, &**value]),
        );
        let arguments = (method, url, headers.map_err(failed)?, body);
        let answered: Promise = engine::call(ctx, "warmUp", arguments).map_err(failed)?;
        settle(ctx, &answered)?;
        event_loop::run_jobs(ctx);
        engine::call_prelude::<()>(ctx, "endEvaluation", None).map_err(failed)?;
        Ok(Vec::new())
    })
}

fn rehearse(message: &[u8]) -> Outcome {
    let Message {
        method,
        url,
        headers,
        body,
    } = Message::read(message);
    let request = invocation::Request {
        method,
        url,
        body: body.map_or(body::Source::Empty, |body| body::Source::Bytes(body.into())),
    };
    let own = headers
        .into_iter()
        .map(|(name, value)| format!("{name}:{value}\n"));
    let headers = REHEARSED_HEADERS.to_owned() + &own.collect::<String>();
    invocation::serve(request, headers.into(), Vec::new());
    Ok(Vec::new())
}

/// A request as the builder writes it (`sdk/build/src/warm_up.rs`).
struct Message {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Message {
    fn read(message: &[u8]) -> Self {
        let message = String::from_utf8_lossy(message);
        let (head, body) = message.split_once("\n\n").unwrap_or((&message, ""));
        let mut lines = head.lines();
        let (method, url) = lines
            .next()
            .and_then(|line| line.split_once(' '))
            .unwrap_or_default();
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: lines.filter_map(header).collect(),
            body: (!body.is_empty()).then(|| body.to_owned()),
        }
    }
}

const REHEARSED_HEADERS: &str =
    "host:localhost\naccept:*/*\nuser-agent:ouro\naccept-encoding:gzip\n";

const NEVER_SETTLES: &str = "the worker's top level awaits a promise that nothing can settle: it runs once, when the worker is \
    built, without timers, network or other events";

/// Runs `body` on the argument and gives its memory back, so that neither source nor bytecode stays in the snapshot.
///
/// # Safety
/// As for `ouro_build_init`.
unsafe fn with_argument(start: *mut u8, length: usize, body: fn(&[u8]) -> Outcome) -> Outcome {
    let argument: &[u8] = if length == 0 {
        &[]
    } else {
        // SAFETY: as the caller says.
        unsafe { std::slice::from_raw_parts(start, length) }
    };
    let outcome = body(argument);
    // SAFETY: as the caller says; the slice is not used any more.
    unsafe { ouro_build_free(start, length) };
    outcome
}

/// A layout for the builder's buffers; none for an empty one.
fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length, 1)
        .ok()
        .filter(|layout| layout.size() > 0)
}

fn answer(outcome: Outcome) -> u64 {
    let (tag, payload) = match outcome {
        Ok(payload) => (0, payload),
        Err(failure) => (1, failure_json(&failure).into_bytes()),
    };
    let mut buffer = Vec::with_capacity(payload.len() + 1);
    buffer.push(tag);
    buffer.extend_from_slice(&payload);
    let buffer = Box::leak(buffer.into_boxed_slice());
    ((buffer.as_ptr() as u64) << 32) | buffer.len() as u64
}

fn failure_json(failure: &Failure) -> String {
    let mut json = String::new();
    for (key, value) in [
        ("{\"name\":", &failure.name),
        (",\"message\":", &failure.message),
        (",\"stack\":", &failure.stack),
    ] {
        json.push_str(key);
        push_json_string(&mut json, value);
    }
    json.push('}');
    json
}

fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            character if u32::from(character) < 0x20 => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)))
            }
            character => json.push(character),
        }
    }
    json.push('"');
}
