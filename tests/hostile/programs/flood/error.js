// An error with a text of ten megabytes.
// {"status": 500, "outcome": "exception", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { fetch() {
    throw new Error("x".repeat(10_000_000));
} };
