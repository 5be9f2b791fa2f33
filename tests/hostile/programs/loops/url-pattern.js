// The same through the pattern of a URL.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response(String(new URLPattern({ pathname: "/:a((?:a|aa)+)b" }).test("http://h/" + "a".repeat(60))));
} };
