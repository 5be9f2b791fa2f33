;; Opens a database that it was not given.
;; {"status": 500, "outcome": "no-response"}
(module
  (import "ouro:host/database@0.1.0" "[static]connection.open" (func $open (param i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (i32.store16 (i32.const 0) (i32.const 0x5858))
    (call $open (i32.const 0) (i32.const 2) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))))
