//! The JavaScript engine that workers share: QuickJS, the event loop and the native half of the Web APIs, as a WebAssembly guest.
//!
//! Its life has two parts. While a worker is **built**, `builder` creates the runtime, evaluates the prelude (`sdk/js`) and the worker's
//! top level, and the memory is dumped as the worker's snapshot. At **run time** an instance starts from that memory, serves one
//! invocation (`invocation`) and is thrown away whole, so nothing is ever freed at the end.
//!
//! All use of javy and rquickjs goes through `js`, all of `wasi:http`'s incoming side and of Ouro's own through `http`.
//! What the prelude calls is in `native`, one file for each group of `sdk/js/src/native.ts`.

mod allocator;
mod bindings;
mod body;
mod builder;
mod engine;
mod event_loop;
#[cfg(not(feature = "standalone"))]
mod events;
mod html;
mod http;
mod invocation;
mod js;
mod native;
mod p1;
mod url;
mod url_pattern;
mod writer;

struct Engine;

bindings::export!(Engine with_types_in bindings);
