// `toJSON` that does not come back.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return Response.json({ toJSON() { for (;;) {} } });
} };
