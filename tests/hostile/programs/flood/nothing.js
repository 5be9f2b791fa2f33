// Waits for nothing at all.
// {"status": 500, "outcome": "no-response"}
export default { fetch() {
    return new Promise(() => {});
} };
