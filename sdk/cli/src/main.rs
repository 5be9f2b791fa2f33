//! The `ouro` binary.
fn main() {}
