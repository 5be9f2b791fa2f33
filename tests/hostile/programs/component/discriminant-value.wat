;; A value of SQL of a kind that is none.
;; {"status": 500, "outcome": "trapped"}
(module
  (import "ouro:host/database@0.1.0" "[static]connection.open" (func $open (param i32 i32 i32)))
  (import "ouro:host/database@0.1.0" "[method]connection.query" (func $query (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (i32.store16 (i32.const 0) (i32.const 0x4244))
    (call $open (i32.const 0) (i32.const 2) (i32.const 64))
    (i32.store (i32.const 128) (i32.const 0))
    (i32.store (i32.const 132) (i32.const 2))
    (i32.store (i32.const 136) (i32.const 512))
    (i32.store (i32.const 140) (i32.const 1))
    (i32.store8 (i32.const 512) (i32.const 200))
    (call $query (i32.load (i32.const 68)) (i32.const 128) (i32.const 1) (i32.const 256))))
