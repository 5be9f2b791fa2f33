// Spreads what has no end.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    function* endless() { for (;;) yield "x".repeat(100); }
    return new Response([...endless()].length);
} };
