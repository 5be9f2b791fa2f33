// A flood of lines.
// {"status": 200, "outcome": "ok", "body": "logged", "limits": {"cpu_ms": 10000}}
export default { fetch() {
    for (let i = 0; i < 20_000; i++) console.log("x".repeat(100), i);
    return new Response("logged");
} };
