/** Service bindings and the other handlers: they must type-check against `index.d.ts`, and what is wrong must not. */
import { env, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Counter extends RpcTarget {
  increment(by: number): number {
    return by;
  }
}

export class Calculator extends WorkerEntrypoint<{ NAME: string }> {
  add(a: number, b: number): number {
    return a + b + this.env.NAME.length;
  }

  counter(): Counter {
    return new Counter();
  }
}

interface Env {
  CALC: Service<Calculator>;
  PLAIN: Service;
}

export default {
  async fetch(request, env, ctx) {
    const sum: number = await env.CALC.add(1, 2);
    // @ts-expect-error arguments are checked
    await env.CALC.add("1", 2);
    // @ts-expect-error there is no such method
    await env.CALC.subtract(1, 2);
    using counter = await env.CALC.counter();
    const count: number = (await counter.increment(1)) + (await env.CALC.counter().increment(1));
    const cached = await caches.default.match(request);
    const country: unknown = request.cf?.country;
    ctx.waitUntil(caches.default.put(request, new Response(`${sum} ${count} ${String(country)}`)));
    return cached ?? env.PLAIN.fetch(request);
  },
  async scheduled(controller) {
    if (controller.cron === "* * * * *") controller.noRetry();
  },
  async queue(batch) {
    for (const message of batch.messages) message.retry({ delaySeconds: message.attempts });
  },
  async email(message) {
    await message.forward("a@example.org", new Headers({ subject: message.headers.get("subject") ?? "" }));
  },
} satisfies ExportedHandler<Env>;

void env;
