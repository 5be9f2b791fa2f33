// A flood of promises that wait for each other.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const all = [];
    for (;;) all.push(new Promise(() => {}).then(() => all));
} };
