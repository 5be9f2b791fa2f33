// A blob of blobs.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    let blob = new Blob(["x".repeat(1000)]);
    for (;;) blob = new Blob([blob, blob]);
} };
