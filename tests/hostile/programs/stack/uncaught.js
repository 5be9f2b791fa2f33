// The same without anybody to catch it.
// {"status": 500, "outcome": "exception", "body": "worker_error", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}, "error": "RangeError"}
const deeper = (n) => 1 + deeper(n + 1);
export default { fetch() {
    return new Response(deeper(0));
} };
