// csv-parse
import { parse } from "csv-parse/sync";
export default async ({ equal }) => { equal(parse('a,b\n1,"x, ""y"""\n', { columns: true }), [{ a: "1", b: 'x, "y"' }]); };
