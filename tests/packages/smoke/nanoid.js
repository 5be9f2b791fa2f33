// nanoid
import { customAlphabet, nanoid } from "nanoid";
export default async ({ equal }) => { equal([nanoid().length, nanoid() === nanoid(), /^[ab]{10}$/.test(customAlphabet("ab", 10)())], [21, false, true]); };
