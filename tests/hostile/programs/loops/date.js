// Waits for a clock that it reads without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const end = Date.now() + 60_000;
    while (Date.now() < end) {}
} };
