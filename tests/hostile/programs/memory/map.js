// A map with ever more keys.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = new Map();
    for (let i = 0; ; i++) all.set(`key ${i}`, i);
} };
