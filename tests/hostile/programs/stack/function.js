// A function that calls itself.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
const deeper = (n) => 1 + deeper(n + 1);
export default { fetch() {
    try { deeper(0); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
