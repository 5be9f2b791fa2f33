//! A worker as one ordinary component that carries its engine: any host of `wasi:http@0.2` runs it, without Ouro's bindings.

use crate::engine::{Engine, Variant};
use crate::error::BuildError;
use crate::surgery::MemoryImage;

/// The standalone engine with the memory that it had after it evaluated the bundle.
pub fn standalone(image: &MemoryImage) -> Result<Vec<u8>, BuildError> {
    Engine::get(Variant::Standalone)?.with_memory(image)
}
