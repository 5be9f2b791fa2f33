// A match that goes back a million times.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"cpu_ms": 1000, "memory_bytes": 134217728}}
export default { fetch() {
    try { new Response(/(?:a|b)*c/.exec("ab".repeat(100_000))); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
