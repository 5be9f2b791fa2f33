// An array buffer of two gigabytes: the worker gets an error.
// {"status": 500, "outcome": "exception", "error": "out of memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    return new Response(new ArrayBuffer(2 ** 31 - 1).byteLength);
} };
