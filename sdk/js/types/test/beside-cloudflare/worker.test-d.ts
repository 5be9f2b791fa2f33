/** A project that goes on using `@cloudflare/workers-types`, with the handlers and bindings of `ouro/bindings`. */
import { env, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import type { D1Database, ExecutionContext, ExportedHandler, Fetcher, Service } from "ouro/bindings";

class Counter extends RpcTarget {
  increment(by: number): number {
    return by;
  }
}

export class Calculator extends WorkerEntrypoint<Env> {
  add(a: number, b: number): number {
    return a + b;
  }

  counter(): Counter {
    return new Counter();
  }
}

interface Env {
  DB: D1Database;
  ASSETS: Fetcher;
  CALC: Service<typeof Calculator>;
  NAME: string;
}

function takesTheirs(database: globalThis.D1Database, request: globalThis.Request): unknown {
  return [database, request];
}

async function takesOurs(ctx: ExecutionContext): Promise<void> {
  ctx.waitUntil(Promise.resolve());
}

export default {
  async fetch(request, env, ctx) {
    takesTheirs(env.DB, request);
    await takesOurs(ctx);
    const sum: number = await env.CALC.add(1, 2);
    // @ts-expect-error arguments are checked
    await env.CALC.add("1", 2);
    using counter = await env.CALC.counter();
    const count: number = await counter.increment(1);
    const country: string | null = request.cf.country;
    // @ts-expect-error workers do not serve TCP
    env.ASSETS.connect("example.com:80");
    // @ts-expect-error not of this context
    ctx.tracing;
    const response = await env.ASSETS.fetch(request);
    return response.ok ? response : Response.json({ sum, count, country, name: env.NAME });
  },
  async email(message) {
    await message.forward("a@example.org");
  },
} satisfies ExportedHandler<Env>;

export const tailing = {
  // @ts-expect-error there is no such handler
  tailStream() {},
} satisfies ExportedHandler<Env>;

// @ts-expect-error there is no such binding
type Absent = import("ouro/bindings").KVNamespace;
export const unused: Absent = env;
