// Requests without a browser: names below `localhost` go to 127.0.0.1, also where the resolver does not know them.
import http from "node:http";

/** A person's browser; what names itself headless is taken for a crawler, for which React Router does not stream. */
export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36";

/**
 * Answers with status, headers and text, and with `parts`: the text as it arrived, piece by piece.
 * @param {string} address
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [init]
 */
export function request(address, { method = "GET", headers = {}, body } = {}) {
  const url = new URL(address);
  const options = { hostname: "127.0.0.1", port: url.port, path: url.pathname + url.search, method, headers: { host: url.host, "user-agent": USER_AGENT, ...headers } };
  return new Promise((resolve, reject) => {
    const sent = http.request(options, (response) => {
      const parts = [];
      response.setEncoding("utf8");
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text: parts.join(""), parts }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
