// Exponential time inside of a lookahead, in `replace`.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response("x".repeat(50).replace(/(?=(x+x+)+y)/g, ""));
} };
