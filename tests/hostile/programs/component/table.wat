;; A table, as long as it grows.
;; {"status": 500, "outcome": "trapped"}
(module
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (table $all 1 funcref)
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (loop $more (br_if $more (i32.ne (table.grow $all (ref.null func) (i32.const 1000)) (i32.const -1))))
    unreachable))
