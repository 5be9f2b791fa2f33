;; Gives the host memory that ends too early.
;; {"status": 500, "outcome": "trapped"}
(module
  (import "wasi:random/random@0.2.12" "get-random-bytes" (func $random (param i64 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 65500))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (call $random (i64.const 100) (i32.const 64))))
