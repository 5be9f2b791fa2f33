// Calls a URL and prints status and body. Names below `localhost` go to 127.0.0.1, also where the resolver does not know them.
//   node scripts/call.mjs [--wait <process id>] <method> <url> [JSON body]
// With --wait it tries again for a minute, as long as the process lives, and prints nothing.
import http from "node:http";

const args = process.argv.slice(2);
const waitFor = args[0] === "--wait" ? Number(args.splice(0, 2)[1]) : undefined;
const [method, address, body] = args;
const url = new URL(address);

function call() {
  const hostname = url.hostname.endsWith("localhost") ? "127.0.0.1" : url.hostname;
  const headers = { host: url.host, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port: url.port || 80, path: url.pathname + url.search, method, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function waitUntilHealthy() {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const answer = await call().catch(() => undefined);
    if (answer?.status === 200) return;
    process.kill(waitFor, 0); // throws once the server has ended
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${address} did not answer with 200 within 60 s`);
}

try {
  if (waitFor !== undefined) {
    await waitUntilHealthy();
  } else {
    const { status, text } = await call();
    console.log(`${method} ${address} -> ${status}`);
    console.log(text.trimEnd());
    if (status >= 400) process.exitCode = 1;
  }
} catch (error) {
  console.error(`error: ${error.code === "ESRCH" ? "the server has ended" : error.message}`);
  process.exitCode = 1;
}
