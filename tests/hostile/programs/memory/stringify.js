// Writes one object a million times.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const one = { a: "x".repeat(1000) };
    return Response.json(new Array(1_000_000).fill(one));
} };
