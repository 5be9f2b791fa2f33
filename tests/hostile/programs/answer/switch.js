// Switches to a protocol that nobody asked for.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    return new Response(null, { status: 101 });
} };
