// ulid
import { decodeTime, ulid } from "ulid";
export default async ({ equal }) => { equal([ulid().length, decodeTime(ulid(1700000000000))], [26, 1700000000000]); };
