// Values of a gigabyte.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const refused = [];
    for (const sql of [
        "SELECT randomblob(1000000000)",
        "SELECT zeroblob(1000000000)",
            "SELECT hex(zeroblob(500000000))",
        "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(10000)))",
        "SELECT group_concat(hex(zeroblob(100000))) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 100000) SELECT n FROM r)",
    ]) {
        try { await env.DB.prepare(sql).all(); refused.push(sql); } catch {}
    }
    return Response.json(refused);
} };
