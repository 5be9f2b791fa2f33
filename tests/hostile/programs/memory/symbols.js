// Symbols of the registry, which never go.
// {"status": 503, "outcome": "exceeded-cpu", "limits": {"cpu_ms": 1000}}
export default { fetch() {
    for (let i = 0; ; i++) Symbol.for(`symbol ${i} ${"x".repeat(1000)}`);
} };
