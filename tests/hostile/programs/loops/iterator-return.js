// A loop in the `return` of an iterator.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const it = { [Symbol.iterator]() { return this; }, next: () => ({ done: false }), return() { for (;;) {} } };
    for (const _ of it) break;
} };
