;; A name of a megabyte for a variable.
;; {"status": 500, "outcome": "no-response"}
(module
  (import "ouro:host/env@0.1.0" "get" (func $get (param i32 i32 i32)))
  (memory (export "memory") 17)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (call $get (i32.const 0) (i32.const 1048576) (i32.const 64))))
