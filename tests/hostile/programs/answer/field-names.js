// Names of fields that are none.
// {"status": 200, "outcome": "ok", "body": "[\"TypeError\",\"TypeError\",\"TypeError\",\"TypeError\",\"TypeError\"]"}
export default { fetch() {
    const refused = [];
    for (const make of [
        () => new Headers({ "a b": "c" }),
        () => new Headers({ "": "c" }),
        () => new Headers({ "a:b": "c" }),
        () => new Headers({ "a\r\nx-split": "c" }),
        () => new Headers({ "\u00e4": "c" }),
    ]) {
        try { make(); refused.push("no"); } catch (error) { refused.push(error.name); }
    }
    return Response.json(refused);
} };
