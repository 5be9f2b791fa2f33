// A value that becomes no number.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    return new Response("x", { status: { [Symbol.toPrimitive]() { for (;;) {} } } });
} };
