// Lengths that no array can have are errors.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 20000}, "body": "[\"RangeError\",\"RangeError\",\"RangeError\""}
export default { fetch() {
    const refused = [2 ** 53, -1, Infinity, 2 ** 32].map((length) => {
        try { return new Uint8Array(length).length; } catch (error) { return error.name; }
    });
    return Response.json(refused);
} };
