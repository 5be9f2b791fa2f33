// Randomness by the megabyte.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const bytes = new Uint8Array(65_536);
    for (;;) crypto.getRandomValues(bytes);
} };
