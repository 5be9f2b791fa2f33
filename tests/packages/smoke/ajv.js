// ajv
import Ajv from "ajv"; import addFormats from "ajv-formats";
export default async ({ equal }) => {
  const ajv = new Ajv({ allErrors: true }); addFormats(ajv);
  const validate = ajv.compile({ type: "object", properties: { when: { type: "string", format: "date-time" }, n: { type: "integer", minimum: 1 } }, required: ["n"] });
  equal([validate({ n: 1, when: "2024-01-01T00:00:00Z" }), validate({ n: 0, when: "x" }), validate.errors.length], [true, false, 2]);
};
