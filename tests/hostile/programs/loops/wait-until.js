// A loop after the answer, in `waitUntil`.
// {"status": 200, "outcome": "exceeded-cpu", "body": "answered"}
export default { async fetch(request, env, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 1)).then(() => { for (;;) {} }));
    return new Response("answered");
} };
