// A body that fails after its first bytes.
// {"status": 200, "outcome": "exception", "cut": true}
export default { fetch() {
    let pulls = 0;
    return new Response(new ReadableStream({ async pull(controller) {
        if (pulls++ > 0) { await new Promise((resolve) => setTimeout(resolve, 50)); throw new Error("no more"); }
        controller.enqueue(new Uint8Array(100_000));
    } }));
} };
