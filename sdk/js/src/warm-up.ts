/**
 * Does once, while the snapshot is made, what every invocation would otherwise do for the first time: QuickJS makes its built-in
 * functions when they are first looked up and an object's shape when nobody else has it. None of a worker's own handlers runs here.
 */
import { D1Database } from "./database";
import { AbortController } from "./web/abort";
import { crypto } from "./web/crypto/crypto";
import { TextDecoder, TextEncoder } from "./web/encoding";
import { Headers } from "./web/headers";
import { inspect } from "./web/inspect";
import { type Request, ServedRequest } from "./web/request";
import { Response, responseFields } from "./web/response";
import { ReadableStream } from "./web/streams";
import { structuredClone } from "./web/structured-clone";
import { URL } from "./web/url";

/** Kept alive, so that their shapes are found again. */
const kept: unknown[] = [];

/** Exercises the APIs that most workers use. */
export function warmUp(): void {
  const request = warmRequest();
  kept.push(request, warmResponses(), new ServedRequest("GET", "http://localhost/", null));
  const decoder = new TextDecoder("latin1");
  decoder.decode(new TextEncoder().encode("a"));
  kept.push(decoder, inspect({ a: [1, "b", new Error("c")] }), structuredClone({ a: [new Map([[1, new Date(0)]])] }), new AbortController().signal);
  void warmPromises(request);
}

function warmRequest(): Request {
  const request = new ServedRequest("POST", "http://localhost/a?b=c", '{"a":1}');
  request._headers = new Headers({ "Content-Type": "application/json", "x-a": " b " });
  request.headers.get("content-type");
  const url = new URL(request.url);
  url.searchParams.get("b");
  kept.push(url);
  return request;
}

function warmResponses(): Response[] {
  const responses = [
    new Response("a"),
    new Response("a", { status: 201, headers: { "x-a": "b" } }),
    new Response(null, { status: 204, headers: [["a", "b"]] }),
    Response.json({ a: 1 }),
  ];
  for (const response of responses) {
    response.headers.set("x-b", "c");
    responseFields(response, response._content);
    Object.fromEntries(response.headers);
  }
  return [...responses, new Response("a")];
}

async function warmPromises(request: Request): Promise<void> {
  const copy = request.clone();
  kept.push(copy, await request.json(), await copy.text());
  const set = { columns: ["a"], rows: [[1]], meta: NO_META };
  const database = new D1Database(() => ({ query: async () => [set], exec: () => ({ count: 0, durationMs: 0 }) }));
  kept.push(database, await database.prepare("").bind(1, "a", null).all(), await database.prepare("").first());
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(1));
      controller.close();
    },
  });
  kept.push(await new Response(stream).text());
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(1), hmac, false, ["sign"]);
  kept.push(await crypto.subtle.sign("HMAC", key, new Uint8Array(1)));
}

const NO_META = { durationMs: 0, changes: 0, lastRowId: 0, changedDb: false, sizeAfter: 0, rowsRead: 0, rowsWritten: 0 };

/**
 * Hono builds its matcher for the first request, which takes a millisecond; built here it is part of the snapshot. Once built, no
 * route can be added, but a worker that exports its application has no later moment to add one.
 */
export function warmRouter(exported: unknown): void {
  const { router } = exported as { router?: { match?: unknown } };
  if (typeof router !== "object" || router === null || typeof router.match !== "function") return;
  try {
    (router as { match(method: string, path: string): unknown }).match("GET", "/");
  } catch {
    // Whatever is wrong shows when the first request does the same.
  }
}
