// Gives a body that is used up.
// {"status": 500, "outcome": "exception"}
export default { async fetch(request, env, ctx) {
    const response = new Response("x");
    await response.text();
    return response;
} };
