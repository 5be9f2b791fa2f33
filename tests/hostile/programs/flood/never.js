// Waits for a timer that is far away.
// {"status": 504, "outcome": "exceeded-wall", "limits": {"wall_ms": 1000}}
export default { fetch() {
    return new Promise((resolve) => setTimeout(resolve, 3_600_000));
} };
