// An array that has 2^53 - 1 elements and none of them.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response(String(Array.prototype.indexOf.call({ length: Number.MAX_SAFE_INTEGER }, 1)));
} };
