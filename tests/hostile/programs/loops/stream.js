// A stream that is asked for more and computes.
// {"status": 200, "outcome": "exceeded-cpu", "cut": true}
export default { fetch() {
    const chunk = new TextEncoder().encode("x".repeat(1000));
    let pulls = 0;
    return new Response(new ReadableStream({ pull(controller) {
        if (++pulls > 3) for (;;) {}
        controller.enqueue(chunk);
    } }));
} };
