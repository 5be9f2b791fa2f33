// A script of a hundred thousand statements.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { async fetch(request, env, ctx) {
    try { await env.DB.exec("SELECT 1;".repeat(100_000)); return new Response("went well"); } catch (error) { return new Response(error.message); }
} };
