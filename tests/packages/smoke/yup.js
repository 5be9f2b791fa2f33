// yup
import * as yup from "yup";
export default async ({ equal }) => { const s = yup.object({ n: yup.number().required().positive() }); let m; try { await s.validate({ n: -1 }); } catch (e) { m = e.name; } equal([await s.validate({ n: "3" }), m], [{ n: 3 }, "ValidationError"]); };
