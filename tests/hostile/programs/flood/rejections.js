// Ten thousand promises that are rejected and never looked at.
// {"status": 200, "outcome": "ok", "body": "answered", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    for (let i = 0; i < 10_000; i++) Promise.reject(new Error(String(i)));
    return new Response("answered");
} };
