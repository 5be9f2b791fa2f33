//! What a node has to stand, each attack against the real binary: afterwards the host answers, the neighbour was served all along, no instance
//! is left, the memory is back, and the record says what happened.

mod artifacts;
mod assets;
mod component;
mod node;
mod program;
mod programs;
mod raw;
mod requests;
mod slow;
mod upstream;
