//! What an invocation waits for: pollables of the host, each with what to do when it is ready, and timers.
//!
//! JavaScript's jobs run until there is none; only then does the loop wait. It ends when the invocation has done everything it owes
//! (`invocation::finished`) or when nothing is left that could still happen. Timers that remain are dropped with the instance.

use std::cell::{Cell, RefCell};

use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::io::poll::{self, Pollable};
use crate::js::{self, Ctx, Failure, Function, Persistent, Value};
use crate::native::console;
use crate::{engine, invocation};

const NANOSECONDS_PER_MS: f64 = 1e6;

/// What is to be done when the wait is over.
pub type Completion = Box<dyn FnOnce(&Ctx<'_>)>;

/// Names something that is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WaitId(u32);

struct Wait {
    id: WaitId,
    pollable: Pollable,
    then: Completion,
}

struct Timer {
    id: u32,
    /// On the monotonic clock, in nanoseconds.
    at: u64,
    callback: Persistent<Function<'static>>,
}

/// A rejected promise and its reason.
type Rejection = (Persistent<Value<'static>>, Persistent<Value<'static>>);

thread_local! {
    static WAITS: RefCell<Vec<Wait>> = const { RefCell::new(Vec::new()) };
    static TIMERS: RefCell<Vec<Timer>> = const { RefCell::new(Vec::new()) };
    static REJECTIONS: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
    /// Promises that were reported and then got a handler.
    static HANDLED_LATE: RefCell<Vec<Rejection>> = const { RefCell::new(Vec::new()) };
    static LAST_ID: Cell<u32> = const { Cell::new(0) };
    static TASK: Cell<u64> = const { Cell::new(0) };
}

/// Names the task that runs: a callback of the loop with the jobs that it leaves.
pub fn task() -> u64 {
    TASK.get()
}

fn next_id() -> u32 {
    LAST_ID.set(LAST_ID.get() + 1);
    LAST_ID.get()
}

/// Calls `then` once, from the loop, when the pollable is ready.
pub fn wait(pollable: Pollable, then: impl FnOnce(&Ctx<'_>) + 'static) -> WaitId {
    let id = WaitId(next_id());
    WAITS.with_borrow_mut(|waits| {
        waits.push(Wait {
            id,
            pollable,
            then: Box::new(then),
        })
    });
    id
}

/// Stops waiting and gives back what was to be done. The pollable is dropped first, as the host wants it before its stream goes.
pub fn interrupt(id: WaitId) -> Option<Completion> {
    let wait = WAITS.with_borrow_mut(|waits| {
        let at = waits.iter().position(|wait| wait.id == id)?;
        Some(waits.remove(at))
    })?;
    drop(wait.pollable);
    Some(wait.then)
}

pub fn start_timer(ms: f64, callback: Persistent<Function<'static>>) -> u32 {
    let id = next_id();
    let delay = (ms.max(0.0) * NANOSECONDS_PER_MS).ceil() as u64;
    let at = monotonic_clock::now().saturating_add(delay);
    TIMERS.with_borrow_mut(|timers| {
        // Timers of the same moment fire in the order in which they were started.
        let place = timers.partition_point(|timer| timer.at <= at);
        timers.insert(place, Timer { id, at, callback });
    });
    id
}

pub fn cancel_timer(id: u32) {
    TIMERS.with_borrow_mut(|timers| timers.retain(|timer| timer.id != id));
}

/// Runs until the invocation is finished or can make no progress.
pub fn run(ctx: &Ctx<'_>) {
    loop {
        run_jobs(ctx);
        if invocation::finished() {
            return;
        }
        let Some(ready) = poll_once() else { return };
        for id in ready {
            if let Some(then) = interrupt(id) {
                then(ctx);
                run_jobs(ctx);
            }
        }
        fire_timers(ctx);
    }
}

/// Waits until something is ready; none where there is nothing to wait for.
fn poll_once() -> Option<Vec<WaitId>> {
    let earliest = TIMERS.with_borrow(|timers| timers.first().map(|timer| timer.at));
    let timer = earliest.map(monotonic_clock::subscribe_instant);
    WAITS.with_borrow(|waits| {
        let pollables: Vec<&Pollable> = waits
            .iter()
            .map(|wait| &wait.pollable)
            .chain(&timer)
            .collect();
        if pollables.is_empty() {
            return None;
        }
        let ready = poll::poll(&pollables);
        Some(
            ready
                .into_iter()
                .filter_map(|at| waits.get(at as usize))
                .map(|wait| wait.id)
                .collect(),
        )
    })
}

fn fire_timers(ctx: &Ctx<'_>) {
    let Some(earliest) = TIMERS.with_borrow(|timers| timers.first().map(|timer| timer.at)) else {
        return;
    };
    let now = monotonic_clock::now();
    if earliest > now {
        return;
    }
    let due: Vec<u32> = TIMERS.with_borrow(|timers| {
        timers
            .iter()
            .take_while(|timer| timer.at <= now)
            .map(|timer| timer.id)
            .collect()
    });
    for id in due {
        // One that fired before may have cancelled it.
        let timer = TIMERS.with_borrow_mut(|timers| {
            let at = timers.iter().position(|timer| timer.id == id)?;
            Some(timers.remove(at))
        });
        let Some(timer) = timer else { continue };
        if let Err(error) = timer
            .callback
            .restore(ctx)
            .and_then(|callback| callback.call::<_, ()>(()))
        {
            report("Uncaught", &Failure::of_error(ctx, error));
        }
        run_jobs(ctx);
    }
}

/// Runs promise jobs until there is none, then reports the rejections that nobody handled.
pub fn run_jobs(ctx: &Ctx<'_>) {
    drain_jobs(ctx);
    report_rejections(ctx);
    TASK.set(TASK.get() + 1);
}

/// Runs promise jobs until there is none.
pub fn drain_jobs(ctx: &Ctx<'_>) {
    loop {
        match js::run_job(ctx) {
            Ok(true) => {}
            Ok(false) => break,
            Err(value) => report("Uncaught", &Failure::of_value(ctx, &value)),
        }
    }
}

/// Tells JavaScript, whose events can take a rejection for handled; the others are console lines.
fn report_rejections(ctx: &Ctx<'_>) {
    while let Some((promise, reason)) = next(&REJECTIONS) {
        let (Ok(promise), Ok(reason)) = (promise.restore(ctx), reason.restore(ctx)) else {
            continue;
        };
        let failure = Failure::of_value(ctx, &reason);
        if !engine::tell_rejection(ctx, "unhandledRejection", promise, reason) {
            report("Uncaught (in promise)", &failure);
        }
    }
    while let Some((promise, reason)) = next(&HANDLED_LATE) {
        if let (Ok(promise), Ok(reason)) = (promise.restore(ctx), reason.restore(ctx)) {
            engine::tell_rejection(ctx, "rejectionHandled", promise, reason);
        }
    }
}

fn next(list: &'static std::thread::LocalKey<RefCell<Vec<Rejection>>>) -> Option<Rejection> {
    list.with_borrow_mut(|list| (!list.is_empty()).then(|| list.remove(0)))
}

/// QuickJS calls this when a promise is rejected without a handler, and again when it gets one later.
pub fn track_rejection<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, handled: bool) {
    let rejection = (
        Persistent::save(&ctx, promise),
        Persistent::save(&ctx, reason),
    );
    if !handled {
        REJECTIONS.with_borrow_mut(|rejections| rejections.push(rejection));
        return;
    }
    let at = REJECTIONS.with_borrow(|rejections| {
        rejections
            .iter()
            .position(|(other, _)| *other == rejection.0)
    });
    match at {
        Some(at) => drop(REJECTIONS.with_borrow_mut(|rejections| rejections.remove(at))),
        None => HANDLED_LATE.with_borrow_mut(|late| late.push(rejection)),
    }
}

/// For one who answers for them in another way.
pub fn forget_rejections() {
    REJECTIONS.take();
    HANDLED_LATE.take();
}

fn report(what: &str, failure: &Failure) {
    console::log(console::ERROR, &format!("{what} {}", failure.to_text()));
}
