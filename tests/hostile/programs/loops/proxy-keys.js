// Headers of a proxy that has ever more keys.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const keys = new Proxy({}, { ownKeys() { for (;;) {} } });
    return new Response("x", { headers: keys });
} };
