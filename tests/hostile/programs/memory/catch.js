// Catches the error and goes on taking.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"cpu_ms": 1000}}
export default { fetch() {
    const all = [];
    for (let size = 1 << 20; ; size = Math.max(16, size >> 1)) {
        try { for (;;) all.push(new Uint8Array(size).fill(1)); } catch {}
    }
} };
