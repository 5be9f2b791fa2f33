// lodash
import _ from "lodash";
export default async ({ equal }) => {
  equal([_.groupBy([1.2, 1.8, 2.1], Math.floor), _.chunk([1, 2, 3], 2), _.get({ a: { b: [5] } }, "a.b[0]"), _.merge({ a: { x: 1 } }, { a: { y: 2 } }), _.camelCase("foo bar-baz"), _.template("hi <%= n %>")({ n: "x" })], [{ 1: [1.2, 1.8], 2: [2.1] }, [[1, 2], [3]], 5, { a: { x: 1, y: 2 } }, "fooBarBaz", "hi x"]);
};
