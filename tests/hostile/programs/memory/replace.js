// A replacement that multiplies what it finds.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    let text = "x".repeat(1000);
    for (;;) text = text.replace(/x/g, "$&$&$&$&");
} };
