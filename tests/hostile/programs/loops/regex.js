// A pattern whose matching takes exponential time.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response(String(/^(a+)+$/.test("a".repeat(40) + "b")));
} };
