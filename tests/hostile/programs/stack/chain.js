// A list of a million objects that goes out of use at once.
// {"status": 200, "outcome": "ok", "body": "went well", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { let it = null; for (let i = 0; i < 1_000_000; i++) it = { it }; it = null; } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
