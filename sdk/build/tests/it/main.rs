//! Builds real workers with the real engine.

mod bundling;
mod components;
mod evaluation;
mod hostile;
mod project;
mod standalone;
mod warm_up;
