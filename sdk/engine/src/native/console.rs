//! Console lines: to the execution's record, or to the builder's warnings while the worker is built.

use std::cell::RefCell;

use crate::allocator;
use crate::js::{Func, Object, Result, Text};

/// Levels as `sdk/js/src/native.ts` numbers them: debug, info, log, warn, error.
pub const WARN: u8 = 3;
pub const ERROR: u8 = 4;

thread_local! {
    static WARNINGS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set(
        "log",
        Func::from(|level: u8, message: Text| log(level, &message.0)),
    )
}

pub fn log(level: u8, message: &str) {
    if allocator::building() {
        WARNINGS.with_borrow_mut(|warnings| {
            warnings.extend_from_slice(message.as_bytes());
            warnings.push(b'\n');
        });
    } else {
        send(level, message);
    }
}

#[cfg(feature = "worker")]
fn send(level: u8, message: &str) {
    use crate::bindings::ouro::host::logging::{self, Level};
    let level = match level {
        0 => Level::Debug,
        1 => Level::Info,
        2 => Level::Log,
        3 => Level::Warn,
        _ => Level::Error,
    };
    logging::log(level, message);
}

/// Other hosts give a component no console: `wasi:http/proxy` may go without standard output.
#[cfg(feature = "standalone")]
fn send(_level: u8, _message: &str) {}

/// What was logged while building, each line ended by a line feed.
pub fn take_warnings() -> Vec<u8> {
    WARNINGS.take()
}
