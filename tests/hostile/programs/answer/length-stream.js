// A length that is not that of a body that streams.
// {"status": 200, "outcome": "ok", "body": ""}
export default { fetch() {
    const body = new ReadableStream({ start(controller) {
        controller.enqueue(new TextEncoder().encode("twelve bytes"));
        controller.close();
    } });
    return new Response(body, { headers: { "content-length": "5" } });
} };
