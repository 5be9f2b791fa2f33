// A hundred thousand timers that are all due.
// {"status": 200, "outcome": "ok", "body": "all of them", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    let left = 100_000;
    return new Promise((resolve) => {
        for (let i = 0; i < 100_000; i++) setTimeout(() => { if (--left === 0) resolve(new Response("all of them")); }, i % 10);
    });
} };
