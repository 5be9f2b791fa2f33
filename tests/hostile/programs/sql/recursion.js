// A recursion in SQL that never ends.
// {"status": 504, "outcome": "exceeded-wall", "limits": {"wall_ms": 1000}}
export default { async fetch(request, env, ctx) {
    try { await env.DB.prepare("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r").all(); } catch (error) { return new Response(error.message); }
    return new Response("went well");
} };
