// The same, where the work is done in the engine's own code without a call of the worker's.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response(String(Array.prototype.lastIndexOf.call({ length: Number.MAX_SAFE_INTEGER }, 1)));
} };
