// A hundred thousand timers, and an answer that waits for none of them.
// {"status": 200, "outcome": "ok", "body": "100000 timers", "limits": {"cpu_ms": 10000, "memory_bytes": 134217728}}
export default { fetch() {
    for (let i = 0; i < 100_000; i++) setTimeout(() => {}, 60_000 + i);
    return new Response("100000 timers");
} };
