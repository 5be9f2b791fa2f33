;; Randomness by the megabyte.
;; {"status": 503, "outcome": "exceeded-cpu"}
(module
  (import "wasi:random/random@0.2.12" "get-random-bytes" (func $random (param i64 i32)))
  (memory (export "memory") 4)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (loop $again (call $random (i64.const 100000) (i32.const 64)) (global.set $top (i32.const 4096)) (br $again))))
