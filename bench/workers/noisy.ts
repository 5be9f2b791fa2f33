/** What a worker should not do: at `/loop` it computes, at `/allocate` it takes memory, elsewhere it streams, all without end. */
const PAUSE_MS = 10;
const chunk = new Uint8Array(1 << 10);

function loop(): never {
  for (;;);
}

function allocate(): never {
  const all: Uint8Array[] = [];
  for (let bytes = 1 << 20; ; bytes *= 2) all.push(new Uint8Array(bytes).fill(1));
}

function slowStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      controller.enqueue(chunk);
    },
  });
}

export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === "/loop") loop();
    if (pathname === "/allocate") allocate();
    return new Response(slowStream());
  },
};
