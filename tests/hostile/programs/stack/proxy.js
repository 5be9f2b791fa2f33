// Ten thousand proxies around each other.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { let it = {}; for (let i = 0; i < 100_000; i++) it = new Proxy(it, {}); it.a; } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
