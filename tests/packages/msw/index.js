/** Stands in for msw, whose own server patches Node.js: the handlers of requests, and their responses. */
const METHODS = ["get", "head", "post", "put", "delete", "patch", "options", "all"];

const handler = (method) => (url, resolver) => {
  const pattern = new URLPattern(url.startsWith("/") ? { pathname: url } : url);
  return async (request) => {
    if (method !== "all" && request.method !== method.toUpperCase()) return undefined;
    const match = pattern.exec(request.url);
    return match === null ? undefined : resolver({ request, params: match.pathname.groups });
  };
};

export const http = Object.fromEntries(METHODS.map((method) => [method, handler(method)]));

const STATUS_TEXTS = { 200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error" };

export class HttpResponse extends Response {
  constructor(body, init = {}) {
    super(body, { ...init, statusText: init.statusText ?? STATUS_TEXTS[init.status ?? 200] });
  }

  static text = (body, init) => HttpResponse.#typed("text/plain", body, init);
  static html = (body, init) => HttpResponse.#typed("text/html", body, init);
  static json = (body, init) => HttpResponse.#typed("application/json", JSON.stringify(body), init);
  static arrayBuffer = (body, init) => HttpResponse.#typed("application/octet-stream", body, init);

  static #typed(type, body, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", type);
    return new HttpResponse(body, { ...init, headers });
  }
}
