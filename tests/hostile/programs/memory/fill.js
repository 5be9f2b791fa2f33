// An array of four billion elements.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return new Response(new Array(2 ** 32 - 1).fill(1).length);
} };
