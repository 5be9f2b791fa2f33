// An answer that only looks like one.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    return { status: 200, headers: new Headers(), body: null, arrayBuffer() { for (;;) {} } };
} };
