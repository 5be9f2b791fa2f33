// Gives a body that somebody else reads.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    const response = new Response("x");
    response.body.getReader();
    return response;
} };
