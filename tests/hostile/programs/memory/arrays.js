// Arrays of bytes, each written to.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = [];
    for (;;) all.push(new Uint8Array(1 << 20).fill(1));
} };
