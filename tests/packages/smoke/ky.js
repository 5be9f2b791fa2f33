// ky
import ky from "ky";
export default async ({ env, equal }) => { equal(await ky.post(`${env.UPSTREAM}/echo`, { json: { a: 1 }, retry: 0 }).json(), { a: 1 }); };
