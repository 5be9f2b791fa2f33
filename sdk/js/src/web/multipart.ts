/** multipart/form-data, both ways (RFC 7578; HTML 4.10.21.8; Fetch, "multipart/form-data parser"). */
import { native } from "../host";
import { blobOf, bytesOf, fileOf, mediaType } from "./blob";
import { concat, decodeUtf8, encodeUtf8 } from "./bytes";
import { entriesOf, FormData } from "./form-data";

const CR = 13;
const LF = 10;
const DASH = 45;

export function encodeMultipart(form: FormData): { bytes: Uint8Array; type: string } {
  const boundary = `----formdata-${randomHex(16)}`;
  const chunks: Uint8Array[] = [];
  for (const [name, value] of entriesOf(form)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(normalize(name))}"`;
    if (typeof value === "string") {
      chunks.push(encodeUtf8(`${head}\r\n\r\n${normalize(value)}\r\n`));
    } else {
      const type = value.type === "" ? "application/octet-stream" : value.type;
      chunks.push(encodeUtf8(`${head}; filename="${escape(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`), bytesOf(value), encodeUtf8("\r\n"));
    }
  }
  chunks.push(encodeUtf8(`--${boundary}--\r\n`));
  return { bytes: concat(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

export function parseMultipart(bytes: Uint8Array, boundary: string): FormData {
  const form = new FormData();
  const delimiter = encodeUtf8(`--${boundary}`);
  let at = find(bytes, delimiter, 0);
  if (at < 0) throw malformed("the boundary does not occur");
  for (;;) {
    at += delimiter.length;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return form;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) throw malformed("a boundary is not followed by a line end");
    const head = readHead(bytes, at + 2);
    const end = findDelimiter(bytes, delimiter, head.end);
    append(form, head, bytes.subarray(head.end, end));
    at = end + 2;
  }
}

interface Head {
  name: string;
  filename: string | null;
  type: string;
  /** Where the content begins. */
  end: number;
}

function readHead(bytes: Uint8Array, from: number): Head {
  const head: Head = { name: "", filename: null, type: "", end: from };
  let named = false;
  for (;;) {
    const lineEnd = findLineEnd(bytes, head.end);
    const line = native.utf8DecodeLossy(bytes.subarray(head.end, lineEnd));
    head.end = lineEnd + 2;
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon < 0) throw malformed("a part has a line that is not a field");
    const field = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (field === "content-type") head.type = value;
    if (field !== "content-disposition") continue;
    if (!/^form-data\b/i.test(value)) throw malformed("a part is not `form-data`");
    const name = parameter(value, "name");
    if (name === null) throw malformed("a part has no name");
    named = true;
    head.name = name;
    head.filename = parameter(value, "filename");
  }
  if (!named) throw malformed("a part has no content-disposition");
  return head;
}

function append(form: FormData, head: Head, content: Uint8Array): void {
  if (head.filename === null) form.append(head.name, decodeUtf8(content));
  else form.append(head.name, fileOf(blobOf(content.slice(), head.type === "" ? "text/plain" : mediaType(head.type)), head.filename));
}

function parameter(disposition: string, name: string): string | null {
  const match = new RegExp(`;[\\t ]*${name}=(?:"([^"]*)"|([^;\\t ]*))`, "i").exec(disposition);
  if (match === null) return null;
  return (match[1] ?? match[2]!).replace(/%0A/gi, "\n").replace(/%0D/gi, "\r").replace(/%22/g, '"');
}

function findLineEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0; at = bytes.indexOf(CR, at + 1)) if (bytes[at + 1] === LF) return at;
  throw malformed("it ends inside the head of a part");
}

/** Where the line end before the next delimiter stands. */
function findDelimiter(bytes: Uint8Array, delimiter: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at >= 0; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && startsWith(bytes, delimiter, at + 2)) return at;
  }
  throw malformed("it ends inside a part");
}

function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) if (startsWith(bytes, wanted, at)) return at;
  return -1;
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

function normalize(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\r\n");
}

function escape(text: string): string {
  return text.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
}

function randomHex(bytes: number): string {
  const random = new Uint8Array(bytes);
  native.randomFill(random);
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function malformed(why: string): TypeError {
  return new TypeError(`the body is not valid multipart/form-data: ${why}`);
}
