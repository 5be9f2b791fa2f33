// A trap of a proxy that does not come back.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response(String("a" in new Proxy({}, { has() { for (;;) {} } })));
} };
