// Triggers that call each other without end.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { async fetch(request, env, ctx) {
    try {
        await env.DB.exec("CREATE TABLE IF NOT EXISTS a (n); CREATE TABLE IF NOT EXISTS b (n); CREATE TRIGGER IF NOT EXISTS x AFTER INSERT ON a BEGIN INSERT INTO b VALUES (new.n); END; CREATE TRIGGER IF NOT EXISTS y AFTER INSERT ON b BEGIN INSERT INTO a VALUES (new.n); END; PRAGMA recursive_triggers = 1");
    } catch {}
    try { await env.DB.exec("INSERT INTO a VALUES (1)"); return new Response("went well"); } catch (error) { return new Response(error.message); }
} };
