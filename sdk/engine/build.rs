//! Says how large the engine's stack is.

/// Of these, JavaScript gets what `STACK_BYTES_MAX` in `src/js/mod.rs` says.
const STACK_BYTES: usize = 1536 * 1024;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_BYTES}");
}
