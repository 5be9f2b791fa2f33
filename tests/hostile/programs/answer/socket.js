// Gives a socket to somebody who asked for none.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    const { 0: client } = new WebSocketPair();
    return new Response(null, { status: 101, webSocket: client });
} };
