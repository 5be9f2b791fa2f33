// A stream of what is no bytes.
// {"status": 200, "outcome": "exception", "cut": true}
let pulls = 0;
export default { fetch() {
    return new Response(new ReadableStream({ async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(new Uint8Array(100_000));
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.enqueue({ length: 2 ** 40 });
    } }));
} };
