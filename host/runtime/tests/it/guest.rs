//! Guests in WebAssembly text that speak `ouro:host/guest`, in place of the JavaScript engine.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const PARTS: &str = r#"
    (import "ouro:host/invocation@0.1.0" "respond"
        (func $respond (param i32 i32 i32 i32 i32 i32 i32)))
    (import "ouro:host/invocation@0.1.0" "fail" (func $fail (param i32 i32 i32 i32 i32 i32)))
    (import "ouro:host/invocation@0.1.0" "[method]body-writer.stream" (func $stream (param i32) (result i32)))
    (import "ouro:host/invocation@0.1.0" "[static]body-writer.finish" (func $finish (param i32)))
    (import "ouro:host/invocation@0.1.0" "[resource-drop]body-writer" (func $abort (param i32)))
    (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
        (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.12" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
    (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $timer (param i64) (result i32)))
    (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))

    (memory (export "memory") 8)
    (global $heap (mut i32) (i32.const 65536))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $heap))
        (global.set $heap
            (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
        (local.get $at))
    (data (i32.const 16) "content-type:text/plain\n")
    (data (i32.const 64) "TypeError")
    (data (i32.const 80) "it is broken")
    (data (i32.const 96) "  at f (worker.js:1:2)")

    ;; A complete body.
    (func $answer (param $at i32) (param $len i32)
        (call $respond (i32.const 200) (i32.const 16) (i32.const 24)
            (i32.const 1) (local.get $at) (local.get $len) (i32.const 1024)))
    ;; A streamed body; gives the writer.
    (func $head (result i32)
        (call $respond (i32.const 200) (i32.const 16) (i32.const 24)
            (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 1024))
        (i32.load (i32.const 1028)))
    (func $throw
        (call $fail (i32.const 64) (i32.const 9) (i32.const 80) (i32.const 12) (i32.const 96) (i32.const 22)))
    (func $sleep (param $ns i64) (call $block (call $timer (local.get $ns))))
"#;

/// A component whose `fetch` runs `body`. It can use `$url`, `$url-len`, `$kind` (0 none, 1 bytes, 2 stream), `$body` and
/// `$body-len` of the request, and the locals `$a`, `$b` and `$c`.
pub fn javascript(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module {PARTS}
        (func (export "ouro:host/guest@0.1.0#fetch")
            (param $method i32) (param $method-len i32) (param $url i32) (param $url-len i32)
            (param $headers i32) (param $headers-len i32)
            (param $kind i32) (param $body i32) (param $body-len i32)
            (param $env i32) (param $env-len i32)
            (local $a i32) (local $b i32) (local $c i32)
            {body})
        (func (export "ouro:host/events@0.1.0#fetch") (param i32) unreachable)
        (func (export "ouro:host/events@0.1.0#run")
            (param i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
        (func (export "ouro:host/events@0.1.0#serve")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) unreachable))"#
    );
    let mut module = wat::parse_str(text).expect("the guest is valid");
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let (package, _) = resolve.push_path(wit).expect("wit/ is valid");
    let world = resolve
        .select_world(&[package], Some("engine"))
        .expect("the world is there");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("embeds");
    ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .expect("encodes")
}

/// A component of another language: exports `wasi:http/incoming-handler`, runs `body` and never answers.
pub fn component(body: &str) -> Vec<u8> {
    component_with("", body)
}

/// The same with more parts inside.
pub fn component_with(parts: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
        {parts}
        (import "wasi:http/types@0.2.12" (instance $types
            (export "incoming-request" (type (sub resource)))
            (export "response-outparam" (type (sub resource)))))
        (alias export $types "incoming-request" (type $request))
        (alias export $types "response-outparam" (type $outparam))
        (core module $m (func (export "handle") (param i32 i32) {body}))
        (core instance $i (instantiate $m))
        (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
            (canon lift (core func $i "handle")))
        (instance $handler (export "handle" (func $handle)))
        (export "wasi:http/incoming-handler@0.2.12" (instance $handler)))"#
    );
    wat::parse_str(text).expect("the component is valid")
}
