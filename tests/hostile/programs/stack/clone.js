// An object that is nested a million deep, cloned.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { let it = {}; for (let i = 0; i < 100_000; i++) it = { it }; structuredClone(it); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
