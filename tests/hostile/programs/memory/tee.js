// One half of a stream is read, the other waits.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { async fetch(request, env, ctx) {
    const chunk = () => new Uint8Array(65_536).fill(1);
    const source = new ReadableStream({ pull: (controller) => controller.enqueue(chunk()) });
    const [read, waits] = source.tee();
    for await (const _ of read) {}
    return new Response(waits);
} };
