// A string of half a gigabyte, at once.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return new Response("x".repeat(1 << 29));
} };
