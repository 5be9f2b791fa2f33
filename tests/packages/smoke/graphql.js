// graphql
import { buildSchema, graphql } from "graphql";
export default async ({ equal }) => {
  const schema = buildSchema("type Query { hello(name: String!): String list: [Int!]! }");
  const result = await graphql({ schema, source: '{ hello(name: "x") list }', rootValue: { hello: ({ name }) => `hi ${name}`, list: [1, 2] } });
  equal(result.data, { hello: "hi x", list: [1, 2] });
};
