// Calls through a binding and waits for none.
// {"status": 500, "outcome": "exceeded-subrequests", "limits": {"cpu_ms": 10000}}
export default { async fetch(request, env, ctx) {
    if (request.headers.has("x-inner")) return new Response("inner");
    const calls = [];
    for (let i = 0; i < 2000; i++) calls.push(env.SELF.fetch(request.url, { headers: { "x-inner": "1" } }));
    await Promise.all(calls);
    return new Response("all");
} };
