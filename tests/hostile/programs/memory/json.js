// Text that becomes twice as many objects.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return Response.json(JSON.parse("[" + "[],".repeat(3_000_000) + "[]]").length);
} };
