;; Calls itself with as much in each frame as there can be.
;; {"status": 500, "outcome": "trapped"}
(module
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $deeper (param i64) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64 i64)
    (i64.add (call $deeper (i64.add (local.get 0) (i64.const 1))) (call $deeper (i64.add (local.get 1) (i64.const 2)))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (drop (call $deeper (i64.const 0)))))
