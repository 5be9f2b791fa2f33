import assert from "node:assert";
import { spawn } from "node:child_process";
import fs, { readFileSync } from "node:fs";
import { readFile } from "fs/promises";
import http, { Agent } from "node:http";
import net from "node:net";
import { isatty } from "node:tty";
import { isMainThread, Worker } from "node:worker_threads";

class Own extends Agent {}

const checks = {
  "what cannot be throws when it is called, and says what it was"() {
    assert.throws(() => readFileSync("/etc/passwd"), { code: "ERR_METHOD_NOT_IMPLEMENTED", message: "`readFileSync` of `node:fs` is not available in a worker" });
    for (const call of [() => fs.statSync("x"), () => readFile("x"), () => http.createServer(), () => net.connect(1), () => spawn("ls"), () => new Worker("x"), () => new Own()]) {
      assert.throws(call, { code: "ERR_METHOD_NOT_IMPLEMENTED" });
    }
  },
  "what needs no machine works"() {
    assert.deepEqual([net.isIP("::1"), net.isIP("127.0.0.1"), net.isIP("1.2.3"), net.isIP("1::2::3"), net.isIPv6("::ffff:1.2.3.4")], [6, 4, 0, 0, true]);
    assert.equal(http.STATUS_CODES[404], "Not Found");
    assert.ok(isMainThread && !isatty(1) && !fs.existsSync("/x"));
  },
  "they can be looked at"() {
    assert.equal(readFileSync.name, "readFileSync");
    assert.equal(typeof http.request, "function");
  },
};
