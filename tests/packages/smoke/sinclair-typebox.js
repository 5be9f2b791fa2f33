// @sinclair/typebox
import { Type } from "@sinclair/typebox"; import { Value } from "@sinclair/typebox/value"; import { TypeCompiler } from "@sinclair/typebox/compiler";
export default async ({ equal }) => { const T = Type.Object({ a: Type.Integer() }); equal([Value.Check(T, { a: 1 }), TypeCompiler.Compile(T).Check({ a: 1.5 })], [true, false]); };
