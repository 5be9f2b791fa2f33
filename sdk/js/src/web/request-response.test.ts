import { FakeBody } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { Blob, File } from "./blob";
import { FormData } from "./form-data";
import { Request, ServedRequest } from "./request";
import { Response } from "./response";
import { ReadableStream } from "./streams";
import { URLSearchParams } from "./url";

test("a Request that is served leaves redirects to the client; one that is made follows them", () => {
  const served = new ServedRequest("GET", "http://x/", null);
  served._headers = new Request("http://x/").headers;
  assert.equal(served.redirect, "manual");
  assert.equal(served.clone().redirect, "manual");
  assert.equal(new Request(served).redirect, "manual");
  assert.equal(new Request("http://x/").redirect, "follow");
});

test("a Request of mode no-cors carries what a form could send", () => {
  const init = { mode: "no-cors", method: "POST", headers: { Accept: "a/b", "X-Other": "1", "Content-Type": "text/plain;charset=utf-8" } };
  const request = new Request("http://x/", { ...init, body: "b" });
  assert.deepEqual([...request.headers], [["accept", "a/b"], ["content-type", "text/plain;charset=utf-8"]]);
  request.headers.set("content-type", "application/json");
  request.headers.append("accept", "c".repeat(126));
  request.headers.append("accept-language", "de\u00e4");
  request.headers.delete("content-length");
  assert.deepEqual([...request.clone().headers], [["accept", "a/b"], ["content-type", "text/plain;charset=utf-8"]]);
  request.headers.delete("accept");
  assert.equal(request.headers.has("accept"), false);
  const json = new Request("http://x/", { ...init, headers: {}, body: new Blob(["{}"], { type: "application/json" }) });
  assert.equal(json.headers.has("content-type"), false);
  assert.throws(() => new Request("http://x/", { mode: "no-cors", method: "PUT" }), TypeError);
  // A Request made of it has its mode, and so its limits.
  assert.equal(new Request(request, { headers: { "x-other": "1" } }).headers.has("x-other"), false);
});

test("a Request normalises its URL and the methods that are known", () => {
  const request = new Request("http://EXAMPLE.com/a b", { method: "post" });
  assert.equal(request.url, "http://example.com/a%20b");
  assert.equal(request.method, "POST");
  assert.equal(new Request("http://x/", { method: "patch" }).method, "PATCH");
  assert.equal(new Request("http://x/", { method: "chicken" }).method, "chicken");
  assert.throws(() => new Request("/relative"), TypeError);
  assert.throws(() => new Request("http://u:p@x/"), TypeError);
  assert.throws(() => new Request("http://x/", { method: "TRACE" }), TypeError);
  assert.throws(() => new Request("http://x/", { body: "b" }), TypeError);
});

test("a Request made of another takes its body over", async () => {
  const first = new Request("http://x/", { method: "POST", body: "b", headers: { a: "1" } });
  const second = new Request(first, { headers: { b: "2" } });
  assert.equal(first.bodyUsed, true);
  assert.equal(second.headers.get("a"), null);
  assert.equal(await second.text(), "b");
  await assert.rejects(first.text(), TypeError);
});

test("clone gives two bodies, of streams too", async () => {
  for (const content of ["abc", new FakeBody("a", "bc")]) {
    const request = new ServedRequest("POST", "http://x/", content);
    request._headers = new Request("http://x/").headers;
    const copy = request.clone();
    assert.equal(await request.text(), "abc");
    assert.equal(await copy.text(), "abc");
    assert.throws(() => request.clone(), TypeError);
  }
});

test("bodies imply their content types", () => {
  const type = (body: ConstructorParameters<typeof Response>[0]): string | null => new Response(body).headers.get("content-type");
  assert.equal(type("a"), "text/plain;charset=UTF-8");
  assert.equal(type(new URLSearchParams("a=1")), "application/x-www-form-urlencoded;charset=UTF-8");
  assert.equal(type(new Blob(["a"], { type: "X/Y" })), "x/y");
  assert.match(type(new FormData()) ?? "", /^multipart\/form-data; boundary=/);
  assert.equal(type(new Uint8Array(1)), null);
  assert.equal(new Response("a", { headers: { "content-type": "b" } }).headers.get("content-type"), "b");
});

test("status and status text are checked", () => {
  assert.throws(() => new Response("", { status: 199 }), RangeError);
  assert.throws(() => new Response("", { status: 600 }), RangeError);
  assert.throws(() => new Response("a", { status: 204 }), TypeError);
  assert.equal(new Response(null, { status: 204 }).body, null);
  assert.throws(() => new Response("", { statusText: "a\nb" }), TypeError);
});

test("the statics of Response", async () => {
  const json = Response.json({ a: 1 }, { status: 202 });
  assert.equal(json.headers.get("content-type"), "application/json");
  assert.deepEqual(await json.json(), { a: 1 });
  assert.throws(() => Response.json(undefined), TypeError);
  const redirect = Response.redirect("http://x/y", 301);
  assert.equal(redirect.headers.get("location"), "http://x/y");
  assert.throws(() => redirect.headers.set("a", "b"), TypeError);
  assert.throws(() => Response.redirect("http://x/", 200), RangeError);
  assert.equal(Response.error().type, "error");
});

test("body is a byte stream that reads by chunks and into buffers", async () => {
  const reader = new ServedRequest("POST", "http://x/", new FakeBody("ab", "cd")).body!.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(3));
  assert.equal(Buffer.from(value!).toString(), "ab");
  const rest = await reader.read(new Uint8Array(3));
  assert.equal(Buffer.from(rest.value!).toString(), "cd");
  assert.equal((await reader.read(new Uint8Array(3))).done, true);
});

test("a stream that was read cannot be a body, nor be read again", async () => {
  const response = new Response(new ReadableStream({ start: (controller) => controller.close() }));
  response.body!.getReader();
  await assert.rejects(response.text(), TypeError);
  assert.throws(() => new Response(response.body), TypeError);
});

test("chunks that are no bytes are refused", async () => {
  const stream = new ReadableStream({ start: (controller) => controller.enqueue("text") });
  await assert.rejects(new Response(stream as never).text(), TypeError);
});

test("a form goes through multipart and back", async () => {
  const form = new FormData();
  form.append("field", "a\nb");
  form.append('na"me', "é");
  form.append("file", new File([new Uint8Array([0, 13, 10, 255])], "x.bin", { type: "application/x" }));
  const copy = await new Response(form).formData();
  assert.equal(copy.get("field"), "a\r\nb");
  assert.equal(copy.get('na"me'), "é");
  const file = copy.get("file") as File;
  assert.equal(file.name, "x.bin");
  assert.equal(file.type, "application/x");
  assert.deepEqual(await file.bytes(), new Uint8Array([0, 13, 10, 255]));
});

test("urlencoded forms are read; other types are refused", async () => {
  const form = await new Response(new URLSearchParams("a=1&b=%20x")).formData();
  assert.deepEqual([...form], [["a", "1"], ["b", " x"]]);
  await assert.rejects(new Response("a").formData(), TypeError);
  const broken = new Response("--x\r\nno", { headers: { "content-type": "multipart/form-data; boundary=x" } });
  await assert.rejects(broken.formData(), /not valid multipart/);
});

test("a byte order mark is dropped by text and json, kept by bytes", async () => {
  assert.equal(await new Response("\ufeffa").text(), "a");
  assert.deepEqual(await new Response('\ufeff{"a":1}').json(), { a: 1 });
  assert.equal((await new Response("\ufeffa").bytes()).length, 4);
});
