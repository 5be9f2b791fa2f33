// Asks itself twice, and so do those that it asks.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000}}
export default { async fetch(request, env, ctx) {
    const ask = () => fetch(request.url).then((it) => it.text(), (error) => error.message);
    return new Response((await Promise.all([ask(), ask()])).join("\n"));
} };
