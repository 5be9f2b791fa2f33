// A power that takes minutes, computed in one operation.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"memory_bytes": 134217728}}
export default { fetch() {
    return new Response(String((3n ** 2_000_000n) ** 20n));
} };
