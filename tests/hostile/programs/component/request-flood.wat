;; Requests that nobody waits for.
;; {"status": 503, "outcome": "exceeded-cpu", "limits": {"cpu_ms": 1000}}
(module
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority" (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.12" "handle" (func $send (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (data (i32.const 1024) "127.0.0.1:1")
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $r i32)
    (loop $more
      (local.set $r (call $request (call $fields)))
      (drop (call $set-authority (local.get $r) (i32.const 1) (i32.const 1024) (i32.const 11)))
      (call $send (local.get $r) (i32.const 0) (i32.const 0) (i32.const 64))
      (br $more))))
