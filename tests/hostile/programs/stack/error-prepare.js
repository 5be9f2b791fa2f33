// An error whose text is another error's.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { class Deeper extends Error { get message() { return String(new Deeper()); } } String(new Deeper()); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
