// The digits of a large integer, in one operation.
// {"status": 500, "outcome": "exception", "error": "BigInt is too large", "limits": {"memory_bytes": 134217728}}
export default { fetch() {
    return new Response(String(7n ** 3_000_000n));
} };
