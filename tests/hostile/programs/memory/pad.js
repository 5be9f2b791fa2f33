// The same by `padEnd`.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return new Response("x".padEnd(2 ** 30 - 2, "yz"));
} };
