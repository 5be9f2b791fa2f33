// A getter that does not come back.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response({ get a() { for (;;) {} } }.a);
} };
