// papaparse
import Papa from "papaparse";
export default async ({ equal }) => { equal([Papa.parse("a,b\n1,2", { header: true, dynamicTyping: true }).data, Papa.unparse([{ x: 1, y: "a,b" }])], [[{ a: 1, b: 2 }], 'x,y\r\n1,"a,b"']); };
