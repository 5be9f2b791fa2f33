// ofetch
import { ofetch } from "ofetch";
export default async ({ env, equal }) => { equal(await ofetch(`${env.UPSTREAM}/echo`, { method: "POST", body: { a: 1 } }), { a: 1 }); };
