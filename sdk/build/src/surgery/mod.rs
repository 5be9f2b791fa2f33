//! Passes over WebAssembly binaries, one file each. They take bytes and give bytes, and know nothing of JavaScript.
//!
//! What they leave out: validation. Their input is the engine that this crate embeds, or components that `artifact` has checked.

mod bind_preview1;
mod bulk_in_steps;
mod direct_imports;
mod memory_image;
mod module_type;
mod shared_engine;
mod skeleton;
mod with_memory;

pub use bind_preview1::bind_preview1;
pub use bulk_in_steps::bulk_in_steps;
pub use memory_image::{MemoryImage, PAGE_BYTES};
pub use module_type::module_type;
pub use shared_engine::{EngineMemory, constant, engine_memory, shared_engine};
pub use skeleton::{SnapshotSlot, skeleton};
pub use with_memory::with_memory;

/// A binary is not of the form that a pass expects.
#[derive(Debug, thiserror::Error)]
pub enum SurgeryError {
    #[error("the binary is damaged: {0}")]
    Parse(#[from] wasmparser::BinaryReaderError),
    #[error("the binary cannot be rewritten: {0}")]
    Rewrite(String),
    #[error("unexpected in the binary: {0}")]
    Unexpected(String),
}

impl From<wasm_encoder::reencode::Error> for SurgeryError {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        Self::Rewrite(error.to_string())
    }
}

impl From<wasm_encoder::reencode::Error<SurgeryError>> for SurgeryError {
    fn from(error: wasm_encoder::reencode::Error<SurgeryError>) -> Self {
        match error {
            wasm_encoder::reencode::Error::UserError(error) => error,
            error => Self::Rewrite(error.to_string()),
        }
    }
}
