// Waits as threads do, which would hold the host's.
// {"status": 200, "outcome": "ok", "body": "ReferenceError"}
export default { fetch() {
    try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_600_000); } catch (error) { return new Response(error.name); }
} };
