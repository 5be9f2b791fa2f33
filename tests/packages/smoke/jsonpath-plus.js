// jsonpath-plus
import { JSONPath } from "jsonpath-plus";
export default async ({ equal }) => { equal(JSONPath({ path: "$..b", json: { a: [{ b: 1 }, { b: 2 }] } }), [1, 2]); };
