/** `fetch` with `Upgrade: websocket`: the response carries the socket, which the worker accepts or hands on. */
import { native } from "../../host";
import { field } from "../headers";
import { fetchedResponse, type Response } from "../response";
import { HostLink } from "./link";
import { socketOf } from "./websocket";

/** Is this what such a fetch asks for? `fields` is a flat list with names in lower case. */
export function wantsUpgrade(method: string, fields: readonly string[]): boolean {
  return method === "GET" && field(fields, "upgrade")?.toLowerCase() === "websocket";
}

export async function fetchUpgrade(url: string, fields: string[]): Promise<Response> {
  const scheme = /^(?:https?|wss?):/.exec(url)?.[0];
  if (scheme === undefined) throw new TypeError(`fetch failed: the scheme of \`${url}\` is not http or https`);
  const { status, headers, body, socket } = await native.connectSocket(url.replace(/^ws/, "http"), fields);
  const response = fetchedResponse({ status, statusText: "", headers, body: null }, body.length === 0 ? null : body, url, false);
  if (socket !== null) response._webSocket = socketOf(new HostLink(socket, field(headers, "sec-websocket-protocol") ?? ""));
  return response;
}
