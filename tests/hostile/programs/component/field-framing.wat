;; Fields that frame a message are errors.
;; {"status": 500, "outcome": "no-response"}
(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (data (i32.const 1024) "transfer-encodingconnectionupgradehost")
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (call $append (call $fields) (i32.const 1024) (i32.const 17) (i32.const 1024) (i32.const 17) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
    (call $append (call $fields) (i32.const 1041) (i32.const 10) (i32.const 1041) (i32.const 10) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
    (call $append (call $fields) (i32.const 1051) (i32.const 7) (i32.const 1051) (i32.const 7) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
    (call $append (call $fields) (i32.const 1058) (i32.const 4) (i32.const 1058) (i32.const 4) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))))
