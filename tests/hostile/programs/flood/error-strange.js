// Throws what is no error, and cannot be read.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });
} };
