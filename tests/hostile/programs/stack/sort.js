// A comparator that sorts.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { const deeper = () => [3, 1, 2].sort(deeper); deeper(); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
