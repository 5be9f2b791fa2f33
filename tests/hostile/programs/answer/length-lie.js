// A length that is not that of the body.
// {"status": 200, "outcome": "ok", "body": "twelve bytes"}
export default { fetch() {
    return new Response("twelve bytes", { headers: { "content-length": "5" } });
} };
