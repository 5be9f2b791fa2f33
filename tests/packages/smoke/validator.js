// validator
import validator from "validator";
export default async ({ equal }) => { equal([validator.isEmail("a@b.co"), validator.isURL("http://x.yz"), validator.isUUID("x"), validator.escape("<")], [true, true, false, "&lt;"]); };
