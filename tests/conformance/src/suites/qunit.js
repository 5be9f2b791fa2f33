// jose's suite is written for QUnit and takes the library as an argument.
import QUnit from "qunit";
import * as jose from "./src/index.js";

const files = [TESTS];

const describe = ({ message, actual, expected, stack }) => `${message}: ${actual}, not ${expected}\n${stack}`;

/** One test asks a public server for its keys: the request is real, to a server of the test's. */
function answerKeySets(upstream) {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => fetch(String(input) === "https://www.googleapis.com/oauth2/v3/certs" ? `${upstream}/jwks` : input, init);
}

export default {
  async fetch(request, env) {
    answerKeySets(env.UPSTREAM);
    const { default: run } = await files[new URL(request.url).pathname.slice(1)]();
    const results = [];
    QUnit.on("testEnd", ({ fullName, status, errors }) => {
      results.push({ name: fullName.join(" > "), status: status === "passed" || status === "failed" ? status : "skipped", message: errors.map(describe).join("\n") });
    });
    await new Promise((resolve) => run(QUnit, jose, jose, resolve));
    return Response.json(results);
  },
};
