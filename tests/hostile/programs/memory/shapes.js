// Objects of which no two have the same keys.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = [];
    for (let i = 0; ; i++) all.push({ [`a${i}`]: 1, [`b${i}`]: 2 });
} };
