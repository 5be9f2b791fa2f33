//! Embeds the management component where it has been built. `make build` builds the binary twice: the first one builds
//! the component, the second one carries it.

use std::path::{Path, PathBuf};
use std::{env, fs};

const COMPONENT: &str = "../../management/dist/management.wasm";

fn main() {
    let component =
        Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join(COMPONENT);
    println!("cargo::rerun-if-changed={}", component.display());
    let value = match component.canonicalize() {
        Ok(path) => format!("Some(include_bytes!({path:?}))"),
        Err(_) => "None".to_owned(),
    };
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo")).join("management.rs");
    let code = format!(
        "/// The management component that this binary carries.\npub const MANAGEMENT: Option<&[u8]> = {value};\n"
    );
    fs::write(out, code).expect("OUT_DIR is writable");
}
