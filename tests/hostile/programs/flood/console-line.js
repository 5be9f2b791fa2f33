// One line of ten megabytes.
// {"status": 200, "outcome": "ok", "body": "logged", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { fetch() {
    console.log("x".repeat(10_000_000));
    return new Response("logged");
} };
