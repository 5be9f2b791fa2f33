/** Workers as people write them: they must type-check against `index.d.ts`. */

interface Env {
  DB: D1Database;
  ASSETS: Fetcher;
  NAME: string;
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/asset") return env.ASSETS.fetch(request);
    const { results, meta } = await env.DB.prepare("SELECT id, name FROM t WHERE id > ?").bind(1).all<{ id: number; name: string }>();
    const count = await env.DB.prepare("SELECT count(*) AS n FROM t").first<number>("n");
    const [columns, ...rows] = await env.DB.prepare("SELECT 1").raw<[number]>({ columnNames: true });
    ctx.waitUntil(scheduler.wait(10));
    for (const [name, value] of request.headers) console.log(name, value);
    return Response.json({ first: results[0]?.name, duration: meta.duration, count, columns, rows, name: env.NAME });
  },
} satisfies ExportedHandler<Env>;

addEventListener("fetch", (event) => event.respondWith(new Response(event.request.url)));

export function handler(request: PlainRequest): PlainResponse {
  return { status: 200, headers: { "content-type": "text/plain" }, body: request.body };
}

export async function streams(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Response> {
  const { readable, writable } = new FixedLengthStream(10n, { highWaterMark: 2 });
  const [kept, sent] = stream.tee();
  void sent.pipeThrough(new IdentityTransformStream()).pipeTo(writable);
  const head: ReadableStreamReadResult<Uint8Array> = await readable.getReader({ mode: "byob" }).readAtLeast(4, new Uint8Array(8));
  // @ts-expect-error a length is needed
  new FixedLengthStream();
  return new Response(kept.pipeThrough(new CompressionStream("gzip")), { headers: { "x-head": String(head.value?.length) } });
}
new Response(new Uint8Array(0), { headers: { "content-encoding": "gzip" }, encodeBody: "manual" });
// @ts-expect-error: there is no other way.
new Response(null, { encodeBody: "always" });

function rewrite(response: Response): Response {
  return new HTMLRewriter()
    .on("a", {
      async element(a) {
        for (const [name, value] of a.attributes) a.setAttribute(name, value).append("text").after("<b>", { html: true });
        a.onEndTag((tag) => void tag.before(a.tagName));
        // @ts-expect-error the name of a namespace cannot be set
        a.namespaceURI = "";
      },
      text: (chunk) => void (chunk.lastInTextNode ? chunk.replace(chunk.text) : chunk.remove()),
    })
    .onDocument({ doctype: (doctype) => console.log(doctype.publicId), end: (end) => void end.append(new Response("x")) })
    .transform(response);
}

async function serveSocket(request: Request): Promise<Response> {
  const pair = new WebSocketPair();
  const [client, server] = Object.values(pair) as [WebSocket, WebSocket];
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data as string));
  server.addEventListener("close", ({ code, reason }) => console.log(code, reason));
  const upstream = await fetch(request, { headers: { Upgrade: "websocket" } });
  upstream.webSocket?.accept();
  // @ts-expect-error attachments belong to Durable Objects
  server.serializeAttachment({});
  return new Response(null, { status: 101, webSocket: client });
}
console.log(rewrite, serveSocket);

export async function digestOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ArrayBuffer> {
  const stream = new crypto.DigestStream("SHA-256");
  await body.pipeTo(stream);
  const written: bigint = stream.bytesWritten;
  console.log(written);
  return stream.digest;
}
