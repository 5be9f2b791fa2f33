/** What Workers add to WebSocket and EventSource: docs/reference/websockets.md. */

interface WebSocket {
  /** Begins to deliver what arrives, for a socket of a pair or of `response.webSocket`. */
  accept(): void;
}

declare const WebSocketPair: {
  /** The worker keeps and accepts one end; the other goes into a response with status 101. */
  new (): { 0: WebSocket; 1: WebSocket };
};

interface ResponseInit {
  /** With status 101 alone. */
  webSocket?: WebSocket | null;
}

interface Response {
  /** Of a `fetch` with `Upgrade: websocket` that was answered with status 101. */
  readonly webSocket: WebSocket | null;
}
