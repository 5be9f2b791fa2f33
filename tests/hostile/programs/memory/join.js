// Lengthens a string by joining.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return new Response(new Array(1 << 24).join("0123456789abcdef"));
} };
