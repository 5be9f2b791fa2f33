// The `ouro` binary: a server on a free port with a data directory of its own, and deploys to it.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";

import { run } from "./run.mjs";

const START_TIMEOUT_MS = 180_000;

/** Answers once the server serves. */
export async function serve(binary) {
  const data = await mkdtemp(path.join(tmpdir(), "ouro-frameworks-"));
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--log-format", "json"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const log = [];
  const port = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the server does not start: ${why}\n${log.join("\n")}`));
    const timer = setTimeout(fail, START_TIMEOUT_MS, `${START_TIMEOUT_MS} ms are over`);
    server.on("error", (error) => fail(error.message));
    server.on("exit", (status) => fail(`exit status ${status}`));
    readline.createInterface(server.stderr).on("line", (line) => {
      log.push(line);
      const port = servingAt(line);
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    });
  });
  return {
    log,
    url: (worker) => `http://${worker}.localhost:${port}`,
    deploy: (folder) => run(binary, ["deploy", "--url", `http://localhost:${port}`, "--data-dir", data], { cwd: folder }),
    async stop() {
      server.kill("SIGTERM");
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The port, in the line that says that the server serves. */
function servingAt(line) {
  let fields;
  try {
    ({ fields } = JSON.parse(line));
  } catch {
    return undefined;
  }
  if (fields?.message !== "serving") return undefined;
  return Number(String(fields.address).split(":").at(-1));
}
