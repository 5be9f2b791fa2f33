// Messages into a socket that nobody reads.
// {"status": 503, "outcome": "exceeded-memory", "limits": {"cpu_ms": 20000}}
export default { fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    client.accept();
    server.accept();
    for (;;) server.send("x".repeat(65_536));
} };
