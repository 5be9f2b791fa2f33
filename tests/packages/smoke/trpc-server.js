// @trpc/server
import { initTRPC } from "@trpc/server"; import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
export default async ({ equal }) => {
  const t = initTRPC.create(); const router = t.router({ add: t.procedure.input((v) => v).query(({ input }) => input.a + input.b) });
  const request = new Request(`https://x.y/trpc/add?input=${encodeURIComponent('{"a":1,"b":2}')}`);
  equal((await (await fetchRequestHandler({ endpoint: "/trpc", req: request, router, createContext: () => ({}) })).json()).result.data, 3);
};
