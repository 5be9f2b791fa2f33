// An object that is nested a million deep.
// {"status": 200, "outcome": "ok", "body": "RangeError", "limits": {"cpu_ms": 20000, "memory_bytes": 134217728}}
export default { fetch() {
    try { let it = []; for (let i = 0; i < 1_000_000; i++) it = [it]; JSON.stringify(it); } catch (error) { return new Response(error.name); }
    return new Response("went well");
} };
