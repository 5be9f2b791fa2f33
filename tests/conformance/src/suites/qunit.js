// jose's suite is written for QUnit and takes the library as an argument.
import QUnit from "qunit";
import * as jose from "../src/index.js";
import run from "./TESTS";

export default {
  async fetch() {
    const results = [];
    QUnit.on("testEnd", (test) => {
      const message = test.errors.map((error) => `${error.message}: ${error.actual}, not ${error.expected}\n${error.stack}`).join("\n");
      results.push({ name: test.fullName.join(" > "), status: test.status === "failed" ? "failed" : test.status === "passed" ? "passed" : "skipped", message });
    });
    await new Promise((resolve) => run(QUnit, jose, jose, resolve));
    return Response.json(results);
  },
};
