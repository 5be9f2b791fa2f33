// fast-xml-parser
import { XMLBuilder, XMLParser } from "fast-xml-parser";
export default async ({ equal }) => { equal([new XMLParser({ ignoreAttributes: false }).parse('<a x="1"><b>2</b><b>3</b></a>'), new XMLBuilder().build({ r: { i: [1, 2] } })], [{ a: { b: [2, 3], "@_x": "1" } }, "<r><i>1</i><i>2</i></r>"]); };
