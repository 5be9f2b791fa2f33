// graphql-yoga
import { createSchema, createYoga } from "graphql-yoga";
export default async ({ equal }) => {
  const yoga = createYoga({ schema: createSchema({ typeDefs: "type Query { hi: String }", resolvers: { Query: { hi: () => "yo" } } }), logging: false });
  const response = await yoga.fetch("https://x.y/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: '{"query":"{ hi }"}' });
  equal(await response.json(), { data: { hi: "yo" } });
};
