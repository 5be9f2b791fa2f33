// Fills the cache.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { async fetch(request, env, ctx) {
    let refused = 0;
    for (let i = 0; i < 900; i++) {
        const response = new Response(new Uint8Array(500_000), { headers: { "cache-control": "max-age=60" } });
        await caches.default.put(`http://x/${i}`, response).catch(() => refused++);
    }
    return new Response("put");
} };
