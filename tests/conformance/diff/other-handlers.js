// The handlers that no request reaches. What a handler sees it notes at the upstream, where its `fetch` handler gets it.

//// scheduled-controller
//// request: GET /__scheduled?cron=*/5+*+*+*+*&time=1700000000123
//// request: GET /
//// module
const at = (env) => `${env.UPSTREAM}/notes/scheduled-controller`;
export default {
  async scheduled(controller, env, ctx) {
    const seen = [controller.cron, controller.scheduledTime, typeof controller.noRetry, controller.constructor.name, typeof ctx.waitUntil, arguments.length, env.TEXT];
    await fetch(at(env), { method: "POST", body: JSON.stringify(seen) });
  },
  fetch: (_, env) => fetch(at(env)).then(async (answer) => new Response(await answer.text())),
};
//// scheduled-no-retry
//// request: GET /__scheduled?cron=a&time=1
//// module
export default { scheduled(controller) { controller.noRetry(); } };
//// scheduled-waits
//// request: GET /__scheduled?cron=a&time=1
//// request: GET /
//// module
const at = (env) => `${env.UPSTREAM}/notes/scheduled-waits`;
export default {
  scheduled(controller, env, ctx) { ctx.waitUntil(scheduler.wait(20).then(() => fetch(at(env), { method: "POST", body: "later" }))); },
  fetch: (_, env) => fetch(at(env)).then(async (answer) => new Response(await answer.text())),
};
//// scheduled-listener
//// request: GET /__scheduled?cron=b&time=5
//// request: GET /
//// script
addEventListener("scheduled", (event) => event.waitUntil(fetch(`${UPSTREAM}/notes/scheduled-listener`, { method: "POST", body: String([event.type, event.cron, event.scheduledTime, typeof event.noRetry]) })));
addEventListener("fetch", (event) => event.respondWith(fetch(`${UPSTREAM}/notes/scheduled-listener`).then(async (answer) => new Response(await answer.text()))));
//// scheduled-class
//// request: GET /__scheduled?cron=c&time=5
//// request: GET /
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async scheduled(controller) { await fetch(`${this.env.UPSTREAM}/notes/scheduled-class`, { method: "POST", body: JSON.stringify([controller.cron, arguments.length, typeof this.ctx.waitUntil]) }); }
  async fetch() { return new Response(await (await fetch(`${this.env.UPSTREAM}/notes/scheduled-class`)).text()); }
}
//// scheduled-throws
//// request: GET /__scheduled?cron=a&time=1
//// module
export default { scheduled() { throw new TypeError("refused"); } };
//// scheduled-rejected-wait
//// request: GET /__scheduled?cron=a&time=1
//// module
export default { scheduled(_, env, ctx) { ctx.waitUntil(Promise.reject(new TypeError("later"))); } };
//// queue-batch
//// request: POST /cdn-cgi/handler/queue?queue=orders
//// body: {"messages":[{"id":"a","timestamp":1000,"attempts":1,"body":{"x":[1]}},{"id":"b","timestamp":2000,"attempts":3,"body":"text"}]}
//// request: GET /
//// module
const at = (env) => `${env.UPSTREAM}/notes/queue-batch`;
export default {
  async queue(batch, env, ctx) {
    const seen = [batch.queue, batch.constructor.name, batch.messages.length, Array.isArray(batch.messages), typeof batch.ackAll, typeof batch.retryAll, arguments.length];
    for (const message of batch.messages) seen.push([message.id, message.timestamp instanceof Date, message.timestamp.getTime(), message.attempts, message.body, message.constructor.name]);
    await fetch(at(env), { method: "POST", body: JSON.stringify(seen) });
  },
  fetch: (_, env) => fetch(at(env)).then(async (answer) => new Response(await answer.text())),
};
//// queue-decisions
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1},{"id":"b","timestamp":2,"attempts":1,"body":2},{"id":"c","timestamp":3,"attempts":1,"body":3}]}
//// module
export default { queue({ messages: [a, b, c] }) { a.ack(); a.retry(); b.retry({ delaySeconds: 7 }); b.ack(); c.retry(); } };
//// queue-ack-all
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1}]}
//// module
export default { queue(batch) { batch.ackAll(); batch.retryAll(); } };
//// queue-retry-all
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1}]}
//// module
export default { queue(batch) { batch.retryAll({ delaySeconds: 30 }); batch.ackAll(); batch.messages[0].ack(); } };
//// queue-keys
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1}]}
//// request: GET /
//// module
const at = (env) => `${env.UPSTREAM}/notes/queue-keys`;
export default {
  async queue(batch, env) { await fetch(at(env), { method: "POST", body: JSON.stringify([Object.keys(batch).sort(), Object.keys(batch.messages[0]).sort()]) }); },
  fetch: (_, env) => fetch(at(env)).then(async (answer) => new Response(await answer.text())),
};
//// queue-throws
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1},{"id":"b","timestamp":1,"attempts":1,"body":1}]}
//// module
export default { queue(batch) { batch.messages[0].ack(); throw new RangeError("refused"); } };
//// queue-class
//// request: POST /cdn-cgi/handler/queue?queue=q
//// body: {"messages":[{"id":"a","timestamp":1,"attempts":1,"body":1}]}
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint { queue(batch) { if (arguments.length === 1 && this.env.TEXT === "text") batch.messages[0].retry({ delaySeconds: 2 }); } }
//// tail-items
//// request: POST /cdn-cgi/handler/tail
//// body: [{"scriptName":"other","outcome":"ok","logs":[{"level":"log","message":["a",1]}],"exceptions":[]}]
//// request: GET /
//// module
const at = (env) => `${env.UPSTREAM}/notes/tail-items`;
export default {
  async tail(items, env, ctx) { await fetch(at(env), { method: "POST", body: JSON.stringify([Array.isArray(items), items, typeof ctx.waitUntil]) }); },
  fetch: (_, env) => fetch(at(env)).then(async (answer) => new Response(await answer.text())),
};
//// scheduled-is-absent
//// request: GET /__scheduled?cron=a&time=1
//// module
export default { fetch: () => new Response("page") };
//// handler-of-a-request
//// request: POST /a?b=c
//// body: text
//// module
async function handler(request) { return { status: 201, headers: { "x-a": "b" }, body: { method: request.method, body: request.body } }; }
//// handler-as-default-export
//// module
export default async function handler(request) { return { body: `made for ${request.method}` }; }
