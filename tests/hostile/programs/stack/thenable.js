// A promise that waits for a promise, a hundred thousand deep.
// {"status": 200, "outcome": "ok", "body": "went well", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { async fetch(request, env, ctx) {
    let it = Promise.resolve("went well");
    for (let i = 0; i < 100_000; i++) { const before = it; it = new Promise((resolve) => resolve(before)); }
    return new Response(await it);
} };
