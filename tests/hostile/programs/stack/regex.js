// A pattern of a million groups within each other.
// {"status": 200, "outcome": "ok", "body": "", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { new RegExp("(".repeat(1_000_000) + ")".repeat(1_000_000)); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
