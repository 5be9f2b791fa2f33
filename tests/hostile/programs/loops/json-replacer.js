// A replacer that puts each value into another one.
// {"status": 500, "outcome": "exception", "error": "Maximum call stack size exceeded"}
export default { fetch() {
    let depth = 0;
    const deeper = (key, value) => (++depth % 100 === 0 ? 0 : { a: value, b: value, c: value });
    return new Response(JSON.stringify({}, deeper));
} };
