// A loop without a body.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    for (;;) {}
} };
