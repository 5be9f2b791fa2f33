// A function that is bound a hundred thousand times.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { let it = () => 1; for (let i = 0; i < 20_000; i++) it = it.bind(null); it(); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
