// A comparator without an order, over an array that is an argument of its own.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const all = Array.from({ length: 3000 }, (_, i) => i);
    for (;;) all.sort(() => Math.random() - 0.5);
} };
