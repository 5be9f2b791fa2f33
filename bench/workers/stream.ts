/** A body of 10 MiB: at `/made` a stream that this worker makes, elsewhere an asset that it hands on. */
interface Env {
  ASSETS: { fetch(request: Request): Promise<Response> };
}

const CHUNKS = 160;
const chunk = new Uint8Array(64 << 10).fill(97);

function made(): ReadableStream<Uint8Array> {
  let left = CHUNKS;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

export default {
  fetch(request: Request, { ASSETS }: Env): Response | Promise<Response> {
    return new URL(request.url).pathname === "/made" ? new Response(made()) : ASSETS.fetch(request);
  },
};
