// zod
import { z } from "zod";
export default async ({ equal }) => {
  const schema = z.object({ email: z.email(), age: z.coerce.number().int().min(18), tags: z.array(z.string()).default([]) });
  equal(schema.parse({ email: "a@b.co", age: "20" }), { email: "a@b.co", age: 20, tags: [] });
  const failed = schema.safeParse({ email: "x", age: 3 });
  equal([failed.success, failed.error.issues.map((i) => i.path[0])], [false, ["email", "age"]]);
  equal(z.toJSONSchema(z.object({ a: z.string() })).properties.a.type, "string");
};
