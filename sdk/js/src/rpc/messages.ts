/** Request and Response as plain objects for the wire; their bodies stay what they are: text, bytes or a stream. */
import { type Content, takeContent } from "../web/body";
import { streamOf } from "../web/body-stream";
import { Headers, headersOf } from "../web/headers";
import { Request, type RequestRedirect, ServedRequest } from "../web/request";
import { isNullBody, Response } from "../web/response";
import { ReadableStream } from "../web/streams";

export function toWireRequest(request: Request): object {
  const { method, url, headers, redirect } = request;
  return { method, url, headers: headers._list, redirect, body: bodyOf(takeContent(request)) };
}

export function toWireResponse(response: Response): object {
  const { status, statusText, headers } = response;
  return { status, statusText, headers: headers._list, body: bodyOf(takeContent(response)) };
}

function bodyOf(content: Content): unknown {
  if (content === null || typeof content === "string" || content instanceof Uint8Array || content instanceof ReadableStream) return content;
  return streamOf(content);
}

export function fromWireRequest(fields: Record<string, unknown>): Request {
  const { method, url, redirect, body } = fields;
  // The constructor checks what was sent; the body comes after it, because GET may have none.
  const checked = new Request(String(url), { method: String(method), redirect: redirect as RequestRedirect });
  const request = new ServedRequest(checked.method, checked.url, contentOf(body));
  request._redirect = checked.redirect;
  request._headers = fieldsOf(fields);
  return request;
}

export function fromWireMessage(fields: Record<string, unknown>): Response {
  const { status, statusText, body } = fields;
  if (status === 0) return Response.error();
  // The constructor checks what was sent, except for the status: what a server has answered with may be one that no worker can choose.
  if (!(Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 999)) throw malformed();
  const response = new Response(null, { statusText: String(statusText) });
  response._status = status as number;
  response._content = isNullBody(response._status) ? null : contentOf(body);
  response._headers = fieldsOf(fields);
  return response;
}

function fieldsOf(fields: Record<string, unknown>): Headers {
  const flat = (fields["headers"] as unknown[]).map(String);
  const headers = new Headers();
  for (let i = 0; i + 1 < flat.length; i += 2) headers.append(flat[i]!, flat[i + 1]!);
  return headersOf(headers._list, false);
}

function contentOf(body: unknown): Content {
  if (body === null || typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream) return body as Content;
  throw malformed();
}

export function malformed(): TypeError {
  return new TypeError("a message of another worker is malformed");
}
