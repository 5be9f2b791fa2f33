// Expressions that are nested too deep.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const deep = (open, close) => "SELECT " + open.repeat(100_000) + "1" + close.repeat(100_000);
    const refused = [];
    for (const sql of [deep("(", ")"), deep("-", ""), deep("abs(", ")"), "SELECT 1" + " + 1".repeat(100_000), "SELECT 1" + " UNION ALL SELECT 1".repeat(10_000)]) {
        try { await env.DB.prepare(sql).all(); refused.push(sql.slice(0, 20)); } catch {}
    }
    return Response.json(refused);
} };
