// Calls itself through a binding.
// {"status": 200, "outcome": "ok", "body": "Subrequest depth limit exceeded"}
export default { async fetch(request, env, ctx) {
    try { return await env.SELF.fetch(request.url); } catch (error) { return new Response(error.message); }
} };
