// joi
import Joi from "joi";
export default async ({ equal }) => { const { error, value } = Joi.object({ a: Joi.number().min(1), b: Joi.string().default("d") }).validate({ a: "2" }); equal([error, value], [undefined, { a: 2, b: "d" }]); };
