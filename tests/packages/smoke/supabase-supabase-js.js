// @supabase/supabase-js
import { createClient } from "@supabase/supabase-js";
export default async ({ env, equal }) => {
  const client = createClient(`${env.UPSTREAM}/supabase`, "anon", { auth: { persistSession: false, autoRefreshToken: false } });
  const { data, error } = await client.from("rows").select("id").eq("id", 1);
  equal([error, data], [null, [{ id: 1 }]]);
};
