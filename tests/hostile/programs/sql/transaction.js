// A transaction that is left open.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "0"}
export default { async fetch(request, env, ctx) {
    await env.DB.exec("CREATE TABLE IF NOT EXISTS t (a)");
    try { await env.DB.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)"); } catch {}
    try { await env.DB.prepare("SAVEPOINT s").run(); } catch {}
    const { n } = await env.DB.prepare("SELECT count(*) AS n FROM t").first();
    return Response.json(n);
} };
