// decimal.js
import { Decimal } from "decimal.js";
export default async ({ equal }) => { equal([new Decimal("0.1").plus("0.2").toString(), new Decimal(2).sqrt().toFixed(20)], ["0.3", "1.41421356237309504880"]); };
