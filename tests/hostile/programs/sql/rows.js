// An answer without end.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "100000"}
export default { async fetch(request, env, ctx) {
    try { await env.DB.prepare("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r").all(); } catch (error) { return new Response(error.message); }
    return new Response("went well");
} };
