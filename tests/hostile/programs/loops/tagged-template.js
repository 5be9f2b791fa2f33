// A tag that does not come back.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const tag = () => { for (;;) {} };
    return new Response(tag`a${1}b`);
} };
