// Answers, and then waits for as long as it can.
// {"status": 200, "outcome": "exceeded-wall", "body": "answered", "limits": {"wall_ms": 1000}}
export default { async fetch(request, env, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 3_600_000)));
    return new Response("answered");
} };
