// Asks itself by its own name.
// {"status": 500, "outcome": "ok", "body": "worker_error"}
export default { async fetch(request, env, ctx) {
    return fetch(request.url);
} };
