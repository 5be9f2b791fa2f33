// A getter that reads itself.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { ({ get a() { return this.a; } }).a; } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
