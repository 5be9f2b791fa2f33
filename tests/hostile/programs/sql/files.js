// Statements that would open, write or load files: none is taken.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "[]"}
export default { async fetch(request, env, ctx) {
    const refused = [];
    for (const sql of [
        "ATTACH DATABASE '../platform.db' AS p",
        "ATTACH DATABASE 'file:/etc/passwd?mode=ro' AS p",
        "ATTACH ':memory:' AS m",
        "DETACH DATABASE main",
        "VACUUM INTO '/tmp/copy.db'",
        "VACUUM",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "CREATE VIRTUAL TABLE c USING csv(filename='/etc/passwd')",
        "CREATE VIRTUAL TABLE z USING zipfile('/tmp/x.zip')",
        "CREATE VIRTUAL TABLE d USING dbstat",
            "SELECT fts3_tokenizer('simple', x'0000000000000000')",
        "SELECT edit('x', 'sh')",
    ]) {
        try { await env.DB.prepare(sql).all(); refused.push(sql); } catch {}
    }
    return Response.json(refused);
} };
