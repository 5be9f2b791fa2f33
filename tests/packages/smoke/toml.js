// toml
import toml from "toml";
export default async ({ equal }) => { equal(toml.parse('a = 1\n[t]\nb = ["x"]\n'), { a: 1, t: { b: ["x"] } }); };
