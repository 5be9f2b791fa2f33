// States that are none.
// {"status": 200, "outcome": "ok", "body": "[\"RangeError\",\"RangeError\",\"RangeError\",\"RangeError\""}
export default { fetch() {
    const refused = [];
    for (const make of [
        () => new Response("", { status: 0 }),
        () => new Response("", { status: 99 }),
        () => new Response("", { status: 600 }),
        () => new Response("", { status: 1e9 }),
        () => new Response("", { status: "200\r\nx-split: 1" }),
        () => new Response("", { statusText: "OK\r\nx-split: 1" }),
        () => new Response("", { statusText: "\u0100" }),
        () => new Response("body", { status: 204 }),
    ]) {
        try { make(); refused.push("no"); } catch (error) { refused.push(error.name); }
    }
    return Response.json(refused);
} };
