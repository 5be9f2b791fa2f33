// An asynchronous function that awaits itself.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
const deeper = async (n) => 1 + (await deeper(n + 1));
export default { async fetch(request, env, ctx) {
    try { await deeper(0); } catch (error) { return new Response(error.name); }
} };
