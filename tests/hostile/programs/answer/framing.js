// Fields that would frame the body in another way.
// {"status": 200, "outcome": "ok", "body": "framed"}
export default { fetch() {
    return new Response("framed", { headers: { "transfer-encoding": "identity", connection: "x-a", upgrade: "h2c", "content-length": "6, 6", trailer: "x-t", "keep-alive": "timeout=999999" } });
} };
