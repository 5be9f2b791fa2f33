//! Console lines. The runtime keeps and bounds them.

use ouro_core::ConsoleLevel;
use ouro_runtime::HostState;

use crate::generated::ouro::host::logging::{Host, Level};

impl Host for HostState {
    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            Level::Debug => ConsoleLevel::Debug,
            Level::Info => ConsoleLevel::Info,
            Level::Log => ConsoleLevel::Log,
            Level::Warn => ConsoleLevel::Warn,
            Level::Error => ConsoleLevel::Error,
        };
        HostState::log(self, level, message);
        Ok(())
    }
}
