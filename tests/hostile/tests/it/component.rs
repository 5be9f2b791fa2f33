//! Components out of core WebAssembly text: the module names its imports as the canonical ABI does, and says of each pointer, length and
//! handle what it likes.

use ouro_test_harness::{Component, repository};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// All that a component may import, so that a module can take any of it. What it does not name is not imported.
const WORLD: &str = "
    package hostile:guest;
    world guest {
        include ouro:host/worker@0.1.0;
        include wasi:cli/imports@0.2.12;
    }
";

/// A component of a module that exports `handle`, `memory` and, where strings or lists come in, `cabi_realloc`.
pub fn of(text: &str) -> Component {
    let mut module = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut resolve = Resolve::default();
    resolve
        .push_dir(repository().join("wit"))
        .expect("the project's WIT");
    let package = resolve.push_str("guest.wit", WORLD).expect("a world");
    let world = resolve
        .select_world(&[package], None)
        .expect("its only world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("a module of the world");
    let encoded = ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).encode());
    Component::from(encoded.unwrap_or_else(|error| panic!("{error:#}\n{text}")))
}
