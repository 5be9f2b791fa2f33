// object-hash
import hash from "object-hash";
export default async ({ equal }) => { equal([hash({ a: 1, b: 2 }) === hash({ b: 2, a: 1 }), hash("x", { algorithm: "md5" }).length], [true, 32]); };
