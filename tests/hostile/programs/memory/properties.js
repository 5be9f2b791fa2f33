// One object with ever more keys.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = {};
    for (let i = 0; ; i++) all[`key ${i}`] = i;
} };
