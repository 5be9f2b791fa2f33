;; Looks a name up without asking: names are refused.
;; {"status": 500, "outcome": "no-response"}
(module
  (import "wasi:sockets/instance-network@0.2.12" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.12" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top (global.set $top (i32.add (global.get $top) (local.get 3))))
  (data (i32.const 1024) "localhost")
  (func $handle (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (call $resolve (call $network) (i32.const 1024) (i32.const 9) (i32.const 64))
    (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))))
