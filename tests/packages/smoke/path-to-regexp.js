// path-to-regexp
import { compile, match } from "path-to-regexp";
export default async ({ equal }) => { equal([{ ...match("/u/:id").call(null, "/u/5").params }, compile("/u/:id")({ id: "a b" })], [{ id: "5" }, "/u/a%20b"]); };
