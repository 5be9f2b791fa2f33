// The digits of a large integer, in one operation.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"memory_bytes": 134217728}}
export default { fetch() {
    return new Response(String(7n ** 3_000_000n));
} };
