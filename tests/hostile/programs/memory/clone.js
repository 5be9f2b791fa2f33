// Clones what it has cloned.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"cpu_ms": 1000}}
export default { fetch() {
    let all = [0];
    for (;;) all = structuredClone([all, all, new Uint8Array(1000)]);
} };
