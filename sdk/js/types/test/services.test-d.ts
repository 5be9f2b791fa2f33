/** Service bindings: methods of other workers, with what becomes of their arguments and results. */
import { type RpcStub, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Counter extends RpcTarget {
  increment(by: number): number {
    return by;
  }

  get value(): number {
    return 1;
  }
}

interface User {
  name: string;
  born: Date;
  visits: Counter;
  tags: Set<string>;
}

export class Calculator extends WorkerEntrypoint<{ NAME: string }, { level: number }> {
  add(a: number, b: number): number {
    return a + b + this.env.NAME.length + this.ctx.props.level;
  }

  async counter(): Promise<Counter> {
    return new Counter();
  }

  async user(id: number): Promise<User> {
    return { name: String(id), born: new Date(), visits: new Counter(), tags: new Set() };
  }

  each(callback: (item: number) => void): () => number {
    callback(1);
    return () => 2;
  }

  override fetch(request: Request): Response {
    return new Response(request.url);
  }
}

const handlers = {
  fetch: (): Response => new Response(),
  async greet(name: string, _env: unknown, ctx: ExecutionContext): Promise<string> {
    ctx.waitUntil(Promise.resolve());
    return name;
  },
};

interface Env {
  CALC: Service<typeof Calculator>;
  SAME: Service<Calculator>;
  GREETER: Service<typeof handlers>;
  PLAIN: Service;
}

export default {
  async fetch(request, env, ctx) {
    const sum: number = await env.CALC.add(1, 2);
    const same: number = await env.SAME.add(1, 2);
    // @ts-expect-error arguments are checked
    await env.CALC.add("1", 2);
    // @ts-expect-error there is no such method
    await env.CALC.subtract(1, 2);
    // @ts-expect-error no method, but what the handler has
    await env.CALC.env;
    // @ts-expect-error workers do not serve TCP
    env.PLAIN.connect("example.com:80");

    using counter: RpcStub<Counter> = await env.CALC.counter();
    const count: number = (await counter.increment(1)) + (await counter.value);
    // @ts-expect-error a getter is a promise here
    counter.value.toFixed();
    const early: number = await env.CALC.counter().increment(1);
    const name: string = await env.CALC.user(1).name;
    const user = await env.CALC.user(1);
    const visits: number = await user.visits.increment(1);
    const year: number = user.born.getFullYear() + user.tags.size;
    using copy = counter.dup();

    using callback = await env.CALC.each((item) => console.log(item.toFixed()));
    const called: number = await callback();

    const greeting: string = await env.GREETER.greet("a");
    // @ts-expect-error the worker that is called adds `env` and `ctx`
    await env.GREETER.greet("a", {}, ctx);

    const own = ctx.exports["Calculator"] as Service<typeof Calculator>;
    ctx.waitUntil(own.add(1, 2));
    void copy;
    return sum + same + count + early + visits + year + called > 0 ? env.PLAIN.fetch(request) : new Response(name + greeting);
  },
} satisfies ExportedHandler<Env>;
