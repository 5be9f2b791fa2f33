// A class that is made of itself.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
class Deeper { constructor() { this.it = new Deeper(); } }
export default { fetch() {
    try { new Deeper(); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
