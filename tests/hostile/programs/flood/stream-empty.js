// A body of chunks that are empty.
// {"status": 200, "outcome": "exceeded-wall", "cut": true, "limits": {"wall_ms": 1000}}
export default { fetch() {
    return new Response(new ReadableStream({ async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(new Uint8Array(0));
    } }));
} };
