// Fields without end.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const headers = new Headers();
    for (let i = 0; ; i++) headers.append(`x-${i}`, "y".repeat(1000));
} };
