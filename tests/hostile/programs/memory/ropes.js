// A string that doubles.
// {"status": 500, "outcome": "exception", "error": "string too long", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    let text = "x";
    for (;;) text += text + "y";
} };
