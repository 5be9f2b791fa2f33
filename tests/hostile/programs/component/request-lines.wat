;; Line ends in method, path and authority of a request are errors.
;; {"status": 500, "outcome": "no-response"}
(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query" (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority" (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-method" (func $set-method (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (data (i32.const 1024) "/ HTTP/1.1\0d\0ax-split: 1\0d\0a")
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $r i32)
    (local.set $r (call $request (call $fields)))
    (if (i32.eqz (call $set-path (local.get $r) (i32.const 1) (i32.const 1024) (i32.const 25))) (then unreachable))
    (if (i32.eqz (call $set-authority (local.get $r) (i32.const 1) (i32.const 1024) (i32.const 25))) (then unreachable))
    (if (i32.eqz (call $set-method (local.get $r) (i32.const 9) (i32.const 1024) (i32.const 25))) (then unreachable))))
