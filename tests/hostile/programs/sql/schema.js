// Writes to the table of tables.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const refused = [];
    for (const sql of [
        "UPDATE sqlite_schema SET sql = 'x'",
        "DELETE FROM sqlite_master",
        "INSERT INTO sqlite_schema VALUES ('table', 'a', 'a', 2, 'CREATE TABLE a(b)')",
        "CREATE TABLE sqlite_a (b)",
        "DROP TABLE sqlite_schema",
    ]) {
        try { await env.DB.prepare(sql).all(); refused.push(sql); } catch {}
    }
    return Response.json(refused);
} };
