/** Keys as text (RFC 7468): a label and DER in base64. */
import internal from "ouro:internal";
import { coded } from "../errors";
import { BASE64 } from "../encodings";
import type { Bytes } from "./bytes";

/** How the engine reads what stands under a label. */
const FORMATS: Record<string, string> = {
  "PRIVATE KEY": "pkcs8", "PUBLIC KEY": "spki", "RSA PRIVATE KEY": "pkcs1", "RSA PUBLIC KEY": "pkcs1-public", "EC PRIVATE KEY": "sec1", CERTIFICATE: "x509",
};
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/;

export function fromPem(text: string): { format: string; der: Bytes } {
  const block = BLOCK.exec(text);
  if (block?.[1] === "ENCRYPTED PRIVATE KEY" || /Proc-Type:.*ENCRYPTED/.test(block?.[2] ?? "")) {
    throw coded(Error, "ERR_METHOD_NOT_IMPLEMENTED", "encrypted private keys are not supported");
  }
  const format = FORMATS[block?.[1] ?? ""];
  if (block === null || format === undefined) throw coded(Error, "ERR_OSSL_UNSUPPORTED", "the key is not in a PEM form that is known");
  return { format, der: internal.native.bufferEncode(block[2]!, BASE64) };
}

export function toPem(label: string, der: Bytes): string {
  const lines = internal.native.bufferDecode(der, BASE64, 0, der.length).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
