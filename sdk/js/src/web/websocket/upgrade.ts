/** `fetch` with `Upgrade: websocket`: the response carries the socket, which the worker accepts or hands on. */
import { native } from "../../host";
import type { NativeHandshake } from "../../native";
import { type AbortSignal, onAbort } from "../abort";
import { field } from "../headers";
import { fetchedResponse, type Response } from "../response";
import { then } from "../streams/promises";
import { HostLink } from "./link";
import { socketOf } from "./websocket";

/** Is this what such a fetch asks for? `fields` is a flat list with names in lower case. */
export function wantsUpgrade(method: string, fields: readonly string[]): boolean {
  return method === "GET" && field(fields, "upgrade")?.toLowerCase() === "websocket";
}

/** The signal ends the handshake; the socket that it leads to has a life of its own. */
export async function fetchUpgrade(url: string, fields: string[], signal: AbortSignal | null): Promise<Response> {
  const scheme = /^(?:https?|wss?):/.exec(url)?.[0];
  if (scheme === undefined) throw new TypeError(`fetch failed: the scheme of \`${url}\` is not http or https`);
  const handshake = native.connectSocket(url.replace(/^ws/, "http"), fields);
  const { status, headers, body, socket } = await (signal === null ? handshake : unlessAborted(handshake, signal));
  const response = fetchedResponse({ status, statusText: "", headers, body: null }, body.length === 0 ? null : body, url, false);
  if (socket !== null) response._webSocket = socketOf(new HostLink(socket, field(headers, "sec-websocket-protocol") ?? ""));
  return response;
}

function unlessAborted(handshake: Promise<NativeHandshake>, signal: AbortSignal): Promise<NativeHandshake> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      reject(signal.reason as Error);
      // Going away (RFC 6455 7.4.1): nobody is there for a socket that comes after all.
      then(handshake, ({ socket }) => socket?.close(1001, ""), () => {});
    });
    then(then(handshake, resolve, reject), forget);
  });
}
