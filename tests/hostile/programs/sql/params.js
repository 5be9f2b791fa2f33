// More parameters than a statement has, and numbers that none has.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const refused = [];
    const bind = async (sql, values) => { try { await env.DB.prepare(sql).bind(...values).all(); refused.push(sql.slice(0, 20)); } catch {} };
    await bind("SELECT ?1", new Array(100_000).fill(1));
    await bind("SELECT ?1000000", [1]);
    await bind("SELECT ?", [{ length: 2 ** 40 }]);
    return Response.json(refused);
} };
