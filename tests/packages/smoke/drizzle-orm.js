// drizzle-orm
import { drizzle } from "drizzle-orm/d1"; import { eq, sql } from "drizzle-orm"; import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
export default async ({ env, equal }) => {
  const users = sqliteTable("drizzle_users", { id: integer("id").primaryKey(), name: text("name").notNull() });
  await env.DB.exec("drop table if exists drizzle_users"); await env.DB.exec("create table drizzle_users (id integer primary key, name text not null)");
  const db = drizzle(env.DB);
  await db.insert(users).values([{ name: "ann" }, { name: "bob" }]);
  await db.update(users).set({ name: "bea" }).where(eq(users.name, "bob"));
  equal(await db.select().from(users).orderBy(users.id), [{ id: 1, name: "ann" }, { id: 2, name: "bea" }]);
  equal((await db.select({ n: sql`count(*)` }).from(users))[0].n, 2);
  const [first] = await db.batch([db.select().from(users), db.delete(users)]);
  equal([first.length, (await db.select().from(users)).length], [2, 0]);
};
