/** What every WebSocket of a worker's own checks: the URL, the protocols, and what it closes with (WebSockets Standard 3.1). */
import { native } from "../../host";
import type { NativeUrl } from "../../native";
import { encodeUtf8 } from "../bytes";
import { DOMException } from "../dom-exception";
import { isObject, toSequence, toText } from "../webidl";
import { HostLink } from "./link";

/** UTF-8 bytes that fit into a close frame beside its code (RFC 6455 5.5.1). */
const REASON_BYTES_MAX = 123;

export function parse(text: string): NativeUrl {
  const url = native.tryParseUrl(text);
  if (url === null) throw new DOMException("WebSocket Constructor: The url is invalid.", "SyntaxError");
  // As the standard wants: what a page has as http is ws to a socket.
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException("WebSocket Constructor: The url scheme must be ws or wss.", "SyntaxError");
  }
  if (url.hash !== "" || url.href.endsWith("#")) throw new DOMException("WebSocket Constructor: The url fragment must be empty.", "SyntaxError");
  return url;
}

/** Each a token (RFC 6455 4.1), and none twice, whatever its case. */
export function parseProtocols(protocols: string | Iterable<string> | undefined): string[] {
  const list = protocols === undefined ? [] : isObject(protocols) ? toSequence(protocols, toText, "the protocols") : [toText(protocols)];
  if (!list.every((protocol) => native.isHeaderName(protocol))) {
    throw new DOMException("WebSocket Constructor: The protocol header token is invalid.", "SyntaxError");
  }
  if (new Set(list.map((protocol) => protocol.toLowerCase())).size < list.length) {
    throw new DOMException("WebSocket Constructor: The protocols header cannot have repeating values.", "SyntaxError");
  }
  return list;
}

/** The protocol that the server chose; null where it is not one of those that it had the choice of (RFC 6455 4.1). */
function agreed(headers: string[], wanted: string[]): string | null {
  const at = headers.indexOf("sec-websocket-protocol");
  if (at < 0) return wanted.length === 0 ? "" : null;
  const protocol = headers[at + 1]!;
  return wanted.includes(protocol) ? protocol : null;
}

/** A connection, once the server has agreed to one. */
export async function connect(url: NativeUrl, protocols: string[]): Promise<HostLink> {
  const fields = protocols.length === 0 ? [] : ["sec-websocket-protocol", protocols.join(", ")];
  const { socket, headers } = await native.connectSocket(url.href.replace(/^ws/, "http"), fields);
  const protocol = agreed(headers, protocols);
  if (socket === null || protocol === null) throw new Error("the server refused the WebSocket");
  return new HostLink(socket, protocol);
}

/** The codes that a script may close with. */
export function isScriptCode(code: number): boolean {
  return code === 1000 || (code >= 3000 && code <= 4999);
}

export function checkReason(reason: string): void {
  if (reason.length > REASON_BYTES_MAX / 3 && encodeUtf8(reason).length > REASON_BYTES_MAX) {
    throw new DOMException("WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.", "SyntaxError");
  }
}
