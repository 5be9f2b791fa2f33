;; Waits for one thing a million times at once.
;; {"status": 500, "outcome": "trapped", "limits": {"wall_ms": 1000, "cpu_ms": 10000}}
(module
  (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:io/poll@0.2.12" "poll" (func $poll (param i32 i32 i32)))
  (memory (export "memory") 100)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $at i32)
    (local $p i32)
    (local.set $p (call $after (i64.const 3600000000000)))
    (loop $more
      (i32.store (i32.add (i32.const 1048576) (local.get $at)) (local.get $p))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 4000000))))
    (call $poll (i32.const 1048576) (i32.const 1000000) (i32.const 64))))
