// A body that never comes to its end.
// {"status": 200, "outcome": "exceeded-wall", "cut": true, "limits": {"wall_ms": 1000}}
export default { fetch() {
    return new Response(new ReadableStream({ pull: () => new Promise((resolve) => setTimeout(resolve, 3_600_000)) }));
} };
