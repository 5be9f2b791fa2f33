// Functions that each keep an array.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = [];
    for (;;) { const kept = new Array(1000).fill(0); all.push(() => kept); }
} };
