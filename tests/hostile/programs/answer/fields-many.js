// A thousand fields.
// {"status": 500, "outcome": "exceeded-response"}
export default { fetch() {
    const headers = new Headers();
    for (let i = 0; i < 1000; i++) headers.append(`x-${i}`, "y");
    return new Response("x", { headers });
} };
