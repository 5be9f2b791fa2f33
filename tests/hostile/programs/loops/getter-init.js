// The same where the host's own code reads: in the options of a response.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response("x", { get status() { for (;;) {} } });
} };
