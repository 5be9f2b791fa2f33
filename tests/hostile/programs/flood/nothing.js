// Waits for nothing at all.
// {"status": 500, "outcome": "exception", "error": "waits for a promise that nothing can settle"}
export default { fetch() {
    return new Promise(() => {});
} };
