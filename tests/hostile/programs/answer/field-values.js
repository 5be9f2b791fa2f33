// Line ends in the values of fields: none is taken.
// {"status": 200, "outcome": "ok", "body": "[\"TypeError\",\"TypeError\",\"TypeError\",\"TypeError\""}
export default { fetch() {
    const refused = [];
    for (const make of [
        () => new Headers({ a: "b\r\nx-split: 1" }),
        () => new Headers([["a", "b\nx-split: 1"]]),
        () => new Headers().append("a", "b\rx-split: 1"),
        () => new Response("", { headers: { "set-cookie": "a=b\r\n\r\nHTTP/1.1 200 OK" } }),
        () => Response.redirect("http://h/\r\nx-split: 1") && 0,
        () => new Headers({ a: "\0" }),
        () => new Headers({ a: "\u0100" }),
    ]) {
        try { make(); refused.push("no"); } catch (error) { refused.push(error.name); }
    }
    return Response.json(refused);
} };
