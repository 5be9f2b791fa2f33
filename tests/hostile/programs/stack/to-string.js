// An array that is its own text.
// {"status": 200, "outcome": "ok", "body": "went well", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { const all = []; all.push({ toString: () => String(all) }); String(all); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
