// A gigabyte in a megabyte, taken apart.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { async fetch(request, env, ctx) {
    const zeros = new Uint8Array(1 << 20);
    let left = 200;
    const source = new ReadableStream({ pull(controller) {
        if (left-- === 0) controller.close(); else controller.enqueue(zeros);
    } });
    const bomb = await new Response(source.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
    const whole = new Response(bomb).body.pipeThrough(new DecompressionStream("gzip"));
    return new Response(await new Response(whole).arrayBuffer());
} };
