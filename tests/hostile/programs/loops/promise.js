// Awaits without end: each turn is a microtask, and the event loop has none.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { async fetch(request, env, ctx) {
    for (;;) await null;
} };
