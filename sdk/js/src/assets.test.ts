import { FakeBody, host } from "../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "./prelude";
import { Assets } from "./assets";
import { Request } from "./web/request";

test("fetch sends path and query and gives the response", async () => {
  const body = new FakeBody("file");
  let path = "";
  host.assets = (asked) => {
    path = asked;
    return { status: 200, statusText: "OK", headers: ["content-type", "text/css"], body };
  };
  const response = await new Assets("ASSETS").fetch(new Request("http://any.host/style.css?v=1"));
  assert.equal(path, "/style.css?v=1");
  assert.equal(response.headers.get("content-type"), "text/css");
  assert.equal(await response.text(), "file");
  assert.throws(() => response.headers.set("a", "b"), TypeError);
});

test("a response without a body has none", async () => {
  host.assets = () => ({ status: 304, statusText: "", headers: [], body: new FakeBody() });
  assert.equal((await new Assets("ASSETS").fetch("http://x/")).body, null);
});
