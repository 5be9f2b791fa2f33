//! The one runtime of this instance and the prelude that was evaluated into it.

use std::cell::OnceCell;

use crate::js::{
    Array, Ctx, Declarations, Exports, Failure, FromJs, Function, Module, ModuleDef, Object,
    Persistent, Result, Runtime, This, Value,
};
use crate::{event_loop, js, native};

/// JavaScript memory, in bytes, from which on cycles are collected, also while the top level runs. Most invocations end far below it and
/// never pay for a collection.
const GC_THRESHOLD_BYTES: usize = 32 * 1024 * 1024;

struct Engine {
    runtime: Runtime,
    prelude: OnceCell<Prelude>,
}

/// The functions of the prelude's result (`Prelude` in `sdk/js/src/native.ts`).
struct Prelude {
    object: Persistent<Object<'static>>,
    fetch: Persistent<Function<'static>>,
}

thread_local! {
    static ENGINE: OnceCell<Engine> = const { OnceCell::new() };
}

/// Creates the runtime and evaluates the prelude: a script whose value is the `Prelude` object.
pub fn create(prelude: &[u8]) -> std::result::Result<(), Failure> {
    let runtime =
        js::new_runtime(GC_THRESHOLD_BYTES).map_err(|message| Failure::new("Error", &message))?;
    ENGINE.with(|engine| {
        engine
            .set(Engine {
                runtime,
                prelude: OnceCell::new(),
            })
            .map_err(|_| Failure::new("Error", "the engine was initialised before"))
    })?;
    with(|ctx| {
        js::install_json(ctx).map_err(|error| Failure::of_error(ctx, error))?;
        let prelude =
            evaluate_prelude(ctx, prelude).map_err(|error| Failure::of_error(ctx, error))?;
        ENGINE.with(|engine| engine.get().map(|engine| engine.prelude.set(prelude)));
        Ok(())
    })
}

fn evaluate_prelude(ctx: &Ctx<'_>, source: &[u8]) -> Result<Prelude> {
    ctx.globals().set("__native", native::create(ctx)?)?;
    let object = Object::from_value(js::evaluate_script(ctx, c"ouro:prelude", source)?)?;
    event_loop::run_jobs(ctx);
    js::hide_names(ctx);
    ctx.globals().remove("__native")?;
    Module::declare_def::<Internal, _>(ctx.clone(), "ouro:internal")?;
    let fetch: Function = object.get("fetch")?;
    Ok(Prelude {
        fetch: Persistent::save(ctx, fetch),
        object: Persistent::save(ctx, object),
    })
}

/// The module `ouro:internal`: how modules that Ouro provides, which are part of a worker's bundle, reach the prelude
/// (`sdk/js/src/internal.ts`). It is declared once; whoever imports it finds it by its name.
struct Internal;

impl ModuleDef for Internal {
    fn declare(declarations: &Declarations<'_>) -> Result<()> {
        declarations.declare("default").map(drop)
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let prelude = with_prelude(|prelude| prelude.object.clone()).restore(ctx)?;
        let internal: Value = prelude.get("internal")?;
        exports.export("default", internal).map(drop)
    }
}

/// Enters JavaScript. Must not be nested.
///
/// # Panics
/// Before `create`: the host calls an engine only after it was built.
pub fn with<R>(body: impl FnOnce(&Ctx<'_>) -> R) -> R {
    ENGINE.with(|engine| {
        let engine = engine
            .get()
            .expect("the engine is called before it was built");
        engine.runtime.context().with(|ctx| body(&ctx))
    })
}

/// Hands the tracker of rejections to the runtime, once.
pub fn track_rejections() {
    ENGINE.with(|engine| {
        if let Some(engine) = engine.get() {
            engine
                .runtime
                .context()
                .runtime()
                .set_host_promise_rejection_tracker(Some(Box::new(event_loop::track_rejection)));
        }
    });
}

/// Objects and blocks of memory that are alive after a collection.
pub fn live() -> (u64, u64) {
    ENGINE.with(|engine| {
        let Some(engine) = engine.get() else {
            return (0, 0);
        };
        let runtime = engine.runtime.context().runtime();
        runtime.run_gc();
        let usage = runtime.memory_usage();
        (usage.obj_count as u64, usage.malloc_count as u64)
    })
}

/// Collects garbage before the snapshot and sets the threshold anew: a collection moves it.
pub fn settle_memory() {
    ENGINE.with(|engine| {
        if let Some(engine) = engine.get() {
            let runtime = engine.runtime.context().runtime();
            runtime.run_gc();
            runtime.set_gc_threshold(GC_THRESHOLD_BYTES);
        }
    });
}

/// Calls a function of the prelude that takes at most one argument.
pub fn call_prelude<'js, R: FromJs<'js>>(
    ctx: &Ctx<'js>,
    name: &str,
    argument: Option<Value<'js>>,
) -> Result<R> {
    let object = with_prelude(|prelude| prelude.object.clone()).restore(ctx)?;
    let function: Function = object.get(name)?;
    match argument {
        Some(argument) => function.call((This(object), argument)),
        None => function.call((This(object),)),
    }
}

/// Calls a function of the prelude that takes a promise and what it was rejected with; true where it took care of it.
pub fn tell_rejection<'js>(
    ctx: &Ctx<'js>,
    name: &str,
    promise: Value<'js>,
    reason: Value<'js>,
) -> bool {
    let told = with_prelude(|prelude| prelude.object.clone())
        .restore(ctx)
        .and_then(|object| {
            let function: Function = object.get(name)?;
            function.call((This(object), promise, reason))
        });
    // A failed call left its exception pending.
    told.unwrap_or_else(|error| {
        drop(Failure::of_error(ctx, error));
        false
    })
}

/// Calls a function of the prelude with any arguments.
pub fn call<'js, A: js::IntoArgs<'js>, R: FromJs<'js>>(
    ctx: &Ctx<'js>,
    name: &str,
    arguments: A,
) -> Result<R> {
    let object = with_prelude(|prelude| prelude.object.clone()).restore(ctx)?;
    object.get::<_, Function>(name)?.call(arguments)
}

/// Calls the prelude's `fetch`, which starts the worker's handler.
pub fn call_fetch<'js>(
    ctx: &Ctx<'js>,
    method: &str,
    url: &str,
    body: Value<'js>,
    env: Array<'js>,
) -> Result<()> {
    let (object, fetch) = with_prelude(|prelude| (prelude.object.clone(), prelude.fetch.clone()));
    fetch
        .restore(ctx)?
        .call((This(object.restore(ctx)?), method, url, body, env))
}

fn with_prelude<R>(body: impl FnOnce(&Prelude) -> R) -> R {
    ENGINE.with(|engine| {
        let prelude = engine.get().and_then(|engine| engine.prelude.get());
        body(prelude.expect("the engine is called before its prelude was evaluated"))
    })
}
