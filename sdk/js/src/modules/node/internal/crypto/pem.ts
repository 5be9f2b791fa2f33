/** Keys as text (RFC 7468): a label and DER in base64. */
import internal from "ouro:internal";
import { coded } from "../errors";
import { BASE64 } from "../encodings";
import type { Bytes } from "./bytes";

/** How the engine reads what stands under a label. */
const FORMATS: Record<string, string> = {
  "PRIVATE KEY": "pkcs8", "ENCRYPTED PRIVATE KEY": "pkcs8", "PUBLIC KEY": "spki", "RSA PRIVATE KEY": "pkcs1", "RSA PUBLIC KEY": "pkcs1-public", "EC PRIVATE KEY": "sec1", CERTIFICATE: "x509",
};
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END \1-----/;
/** Encapsulated headers (RFC 1421 4.4), which an empty line ends. */
const HEADERS = /^\s*(?:[A-Za-z0-9-]+:[^\n]*\n)+\s*\n/;

export interface Block {
  format: string;
  der: Bytes;
  /** Of an encrypted key: text with headers that tell how, which is empty where the key itself does; null for one that is not encrypted. */
  locked: string | null;
}

export function fromPem(text: string): Block {
  const [, label, content] = BLOCK.exec(text) ?? [];
  const format = FORMATS[label ?? ""];
  if (content === undefined || format === undefined) throw coded(Error, "ERR_OSSL_UNSUPPORTED", "the key is not in a PEM form that is known");
  const headers = HEADERS.exec(content)?.[0] ?? "";
  const locked = label === "ENCRYPTED PRIVATE KEY" ? "" : /^Proc-Type:.*ENCRYPTED/m.test(content) ? content : null;
  return { format, der: internal.native.bufferEncode(content.slice(headers.length), BASE64), locked };
}

export function toPem(label: string, der: Bytes, headers = ""): string {
  const lines = internal.native.bufferDecode(der, BASE64, 0, der.length).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${headers}${lines.join("\n")}\n-----END ${label}-----\n`;
}
