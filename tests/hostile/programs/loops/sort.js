// A comparator that does not come back.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    [2, 1].sort(() => { for (;;) {} });
} };
