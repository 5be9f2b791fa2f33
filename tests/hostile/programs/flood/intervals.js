// Intervals that do nothing, until the time is over.
// {"status": 504, "outcome": "exceeded-wall", "limits": {"wall_ms": 1000, "cpu_ms": 10000}}
export default { fetch() {
    for (let i = 0; i < 10; i++) setInterval(() => {}, 5);
    return new Promise(() => {});
} };
