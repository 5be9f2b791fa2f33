// A socket to itself, which opens a socket to itself.
// {"status": 200, "outcome": "ok", "limits": {"cpu_ms": 10000, "wall_ms": 5000}}
export default { async fetch(request, env, ctx) {
    if (request.headers.get("upgrade") !== "websocket") {
        const { webSocket, status } = await fetch(request.url, { headers: { upgrade: "websocket" } });
        return new Response(`opened: ${webSocket !== null} ${status}`);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    await fetch(request.url, { headers: { upgrade: "websocket" } });
    return new Response(null, { status: 101, webSocket: client });
} };
