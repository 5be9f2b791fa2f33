// A stream that never says that it is full.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const source = new ReadableStream({ start(controller) {
        for (;;) controller.enqueue(new Uint8Array(65_536).fill(1));
    } });
    return new Response(source);
} };
