/** URLs, patterns, blobs, files, forms and their readers. */

const url = new URL("/a?b=c", new URL("https://example.com"));
url.hash = "#d";
// @ts-expect-error read-only
url.origin = "https://example.org";
const parsed: URL | null = URL.parse("a", url);
const ok: boolean = URL.canParse("a");
const params = new URLSearchParams([["a", "b"]]);
new URLSearchParams({ a: "b" });
new URLSearchParams(new Map([["a", "b"]]));
new URLSearchParams(params);
// @ts-expect-error
new URLSearchParams({ a: 1 });
const size: number = params.size;
params.delete("a", "b");
for (const [name, value] of url.searchParams) console.log(name.length + value.length);

const pattern = new URLPattern({ pathname: "/books/:id" }, { ignoreCase: true });
new URLPattern("/books/:id", "https://example.com");
const id: string | undefined = pattern.exec("https://example.com/books/1")?.pathname.groups["id"];
const order: number = URLPattern.compareComponent("pathname", pattern, pattern);
// @ts-expect-error
URLPattern.compareComponent("path", pattern, pattern);
// @ts-expect-error
new URLPattern({ path: "/a" });

const blob = new Blob(["a", new Uint8Array(1), new Blob([])], { type: "text/plain", endings: "native" });
// @ts-expect-error parts are listed
new Blob("a");
const file = new File([blob], "a.txt", { lastModified: 1 });
// @ts-expect-error a file has a name
new File([blob]);
const text: string = await blob.slice(0, 1, "text/html").text();
const stream: ReadableStream<Uint8Array<ArrayBuffer>> = file.stream();
const address: string = URL.createObjectURL(blob);
URL.revokeObjectURL(address);
// @ts-expect-error of a Blob alone
URL.createObjectURL("a");

const form = new FormData();
form.append("a", blob, "a.txt");
form.set("b", "c");
// @ts-expect-error only a Blob has a file name
form.append("a", "b", "c");
// @ts-expect-error there is no form element
new FormData("a");
const entries: (string | File)[] = form.getAll("a");

const reader = new FileReader();
reader.onload = ({ loaded, target }) => console.log(loaded, target?.result);
reader.addEventListener("progress", (event) => console.log(event.lengthComputable));
reader.readAsText(blob, "utf-8");
const isDone: boolean = reader.readyState === FileReader.DONE;
const bytes: ArrayBuffer = new FileReaderSync().readAsArrayBuffer(blob);
// @ts-expect-error
reader.readAsText("a");

export { bytes, entries, id, isDone, ok, order, parsed, size, stream, text };
