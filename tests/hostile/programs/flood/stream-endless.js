// A body without end.
// {"status": 200, "outcome": "exceeded-response", "cut": true, "limits": {"response_body_bytes": 10000000, "cpu_ms": 10000}}
export default { fetch() {
    const chunk = new Uint8Array(65_536);
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
} };
