// A field of a megabyte.
// {"status": 500, "outcome": "exceeded-response"}
export default { fetch() {
    return new Response("x", { headers: { "x-a": "y".repeat(1 << 20) } });
} };
