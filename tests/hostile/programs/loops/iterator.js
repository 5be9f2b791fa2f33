// `Symbol.iterator` without end, where the host's own code iterates.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const endless = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: ["x", "y"] }) }) };
    return new Response("x", { headers: endless });
} };
