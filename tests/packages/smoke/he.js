// he
import he from "he";
export default async ({ equal }) => { equal([he.encode("<é>", { useNamedReferences: true }), he.decode("&copy;&#x41;")], ["&lt;&eacute;&gt;", "©A"]); };
