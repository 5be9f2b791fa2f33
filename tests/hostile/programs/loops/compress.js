// Compresses without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { async fetch(request, env, ctx) {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const source = new ReadableStream({ pull: (controller) => controller.enqueue(bytes) });
    let total = 0;
    for await (const chunk of source.pipeThrough(new CompressionStream("gzip"))) total += chunk.length;
} };
