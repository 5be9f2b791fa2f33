// A pattern whose matching takes exponential time.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { async fetch(request, env, ctx) {
    try {
        await env.DB.prepare(`SELECT '${"a".repeat(20_000)}' LIKE '${"%a".repeat(20_000)}b'`).all();
        return new Response("went well");
    } catch (error) { return new Response(error.message); }
} };
