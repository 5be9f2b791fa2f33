/** Handlers in every shape, `ctx`, the database, assets and HTMLRewriter. */
import { EmailMessage } from "cloudflare:email";
import { env as importable, waitUntil, withEnv } from "cloudflare:workers";

interface Env {
  DB: D1Database;
  ASSETS: Fetcher;
  NAME: string;
}

interface Order {
  id: number;
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/asset") return env.ASSETS.fetch(request);
    const { results, meta } = await env.DB.prepare("SELECT id, name FROM t WHERE id > ?").bind(1).all<{ id: number; name: string }>();
    const count = await env.DB.prepare("SELECT count(*) AS n FROM t").first<number>("n");
    const [columns, ...rows] = await env.DB.prepare("SELECT 1").raw<[number]>({ columnNames: true });
    const session = env.DB.withSession("first-primary");
    await session.batch([session.prepare("DELETE FROM t")]);
    // @ts-expect-error statements are prepared
    await env.DB.batch(["DELETE FROM t"]);
    ctx.waitUntil(scheduler.wait(10));
    ctx.passThroughOnException();
    const { colo, asn, country } = request.cf;
    const place: string = `${colo} ${country ?? "?"} ${asn ?? 0}`;
    // @ts-expect-error of Cloudflare's network alone
    request.cf.botManagement;
    // @ts-expect-error there is no such binding
    env.KV;
    for (const [name, value] of request.headers) console.log(name, value);
    return Response.json({ first: results[0]?.name, duration: meta.duration, count, columns, rows, name: env.NAME, place });
  },
  async scheduled(controller) {
    if (controller.cron === "* * * * *" && controller.scheduledTime > 0) controller.noRetry();
  },
  async queue(batch) {
    for (const message of batch.messages) message.body.id > 1 ? message.ack() : message.retry({ delaySeconds: message.attempts });
    batch.retryAll();
  },
  async email(message) {
    if (message.rawSize > 1000) message.setReject("too long");
    await message.forward("a@example.org", new Headers({ subject: message.headers.get("subject") ?? "" }));
    await message.reply(new EmailMessage(message.to, message.from, "text"));
    // @ts-expect-error an address is no message
    await message.reply("a@example.org");
  },
  tail: (items) => console.log(items[0]?.outcome),
} satisfies ExportedHandler<Env, Order>;

export const named: ExportedHandler<Env> = { fetch: (request: Request) => new Response(request.body) };

export const wrong = {
  // @ts-expect-error a response is needed
  fetch: () => "text",
} satisfies ExportedHandler;

export const unknown = {
  // @ts-expect-error there is no such handler
  alarm() {},
} satisfies ExportedHandler;

addEventListener("fetch", (event) => {
  event.waitUntil(Promise.resolve());
  event.respondWith(new Response(event.request.cf.colo));
});

export function handler(request: PlainRequest): PlainResponse {
  return { status: 200, headers: { "content-type": "text/plain" }, body: request.body };
}

waitUntil(Promise.resolve());
const answer: number = withEnv({}, () => 1);
// @ts-expect-error the project has not said what its environment holds
importable.NAME;

export function rewrite(response: Response): Response {
  return new HTMLRewriter()
    .on("a", {
      async element(a) {
        for (const [name, value] of a.attributes) a.setAttribute(name, value).append("text").after("<b>", { html: true });
        a.onEndTag((tag) => void tag.before(a.tagName));
        a.tagName = "b";
        // @ts-expect-error the name of a namespace cannot be set
        a.namespaceURI = "";
        // @ts-expect-error this is no document
        a.innerHTML;
      },
      text: (chunk) => void (chunk.lastInTextNode ? chunk.replace(chunk.text) : chunk.remove()),
      comments: (comment) => void (comment.text = "a"),
    })
    .onDocument({ doctype: (doctype) => console.log(doctype.publicId), end: (end) => void end.append(new Response("x")) })
    .transform(response);
}

export { answer };
