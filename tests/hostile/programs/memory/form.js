// A form with ever more fields.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const form = new FormData();
    for (let i = 0; ; i++) form.append(`field ${i}`, "x".repeat(1000));
} };
