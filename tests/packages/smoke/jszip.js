// jszip
import JSZip from "jszip";
export default async ({ equal }) => { const zip = new JSZip(); zip.file("a.txt", "hello"); const data = await zip.generateAsync({ type: "uint8array", compression: "DEFLATE" }); equal(await (await JSZip.loadAsync(data)).file("a.txt").async("string"), "hello"); };
