// More queries at once than there may be.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}, "body": "true"}
export default { async fetch(request, env, ctx) {
    const all = await Promise.allSettled(Array.from({ length: 2000 }, () => env.DB.prepare("SELECT 1").all()));
    return new Response(String(all.filter((it) => it.status === "rejected").length > 0));
} };
