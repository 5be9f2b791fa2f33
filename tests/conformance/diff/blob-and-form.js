// Blob, File, FormData.
//// blob
const b = new Blob(["ab", new Uint8Array([99]), new Blob(["d"])], { type: "Text/Plain" }); return [b.size, b.type, await b.text(), await b.slice(1, -1, "x/y").text(), b.slice(0, 1, "x/y").type];
//// blob-bytes-and-stream
const b = new Blob(["hey"]); const out = []; for await (const c of b.stream()) out.push(...c); return [out, await b.bytes(), await b.arrayBuffer()];
//// blob-endings
return (await new Blob(["a\r\nb\n"], { endings: "transparent" }).text()).length;
//// blob-bad-parts
new Blob("text");
//// file
const f = new File(["x"], "name.txt", { type: "a/b", lastModified: 5 }); return [f.name, f.type, f.lastModified, f.size, f instanceof Blob];
//// file-needs-a-name
new File(["x"]);
//// form-data-basics
const f = new FormData(); f.append("a", "1"); f.append("a", "2"); f.set("b", 3); f.append("c", new Blob(["x"])); f.delete("zz"); return [f.get("a"), f.getAll("a"), f.has("b"), f.get("b"), f.get("c").name, f.get("c") instanceof File, [...f.keys()], f.get("no")];
//// form-data-filename
const f = new FormData(); f.append("x", new Blob(["1"]), "n.bin"); return f.get("x").name;
//// form-data-bad-blob
const f = new FormData(); f.append("x", "text", "name");
//// form-data-serialised
const f = new FormData(); f.append('q"uote', "line\nbreak"); const t = await new Response(f).text(); return t.split("\r\n").slice(1, 4);
//// form-data-constructor-argument
new FormData({});
//// object-url
return typeof URL.createObjectURL;
