// superstruct
import { array, assert, is, number, object } from "superstruct";
export default async ({ equal }) => { const S = object({ a: array(number()) }); assert({ a: [1] }, S); equal(is({ a: ["x"] }, S), false); };
