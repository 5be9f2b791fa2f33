//! The runtime with small guests written by hand, through its public interface.

mod cache;
mod component;
mod guest;
mod host;
mod invoke;
mod limits;
mod stream;
