// kysely
import { Kysely } from "kysely"; import { D1Dialect } from "kysely-d1";
export default async ({ env, equal }) => {
  await env.DB.exec("drop table if exists kysely_pets"); await env.DB.exec("create table kysely_pets (id integer primary key, kind text)");
  const db = new Kysely({ dialect: new D1Dialect({ database: env.DB }) });
  const inserted = await db.insertInto("kysely_pets").values({ kind: "cat" }).executeTakeFirst();
  equal(inserted.insertId, 1n);
  equal(await db.selectFrom("kysely_pets").selectAll().where("kind", "=", "cat").execute(), [{ id: 1, kind: "cat" }]);
};
