// A string that doubles.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    let text = "x";
    for (;;) text += text + "y";
} };
