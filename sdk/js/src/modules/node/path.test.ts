import "../../../test/fake-native";
import assert from "node:assert/strict";
import nodePath from "node:path";
import { test } from "node:test";
import { posix, win32 } from "./internal/path";

const PARTS = ["", "/", "a", "/a", "a/", "./a", "../a", "a/../b", "/a/./b//c/", "..", ".", "/..", "a.b.c", ".x", "x.", "a/.b", "//a//b", "C:\\a\\b", "C:a", "C:/", "\\\\srv\\share\\d", "\\a", "a\\b/..\\c", "C:\\..\\x"];
const FORMS = { posix: [posix, nodePath.posix], win32: [win32, nodePath.win32] } as const;

for (const [name, [ours, theirs]] of Object.entries(FORMS)) {
  for (const operation of ["normalize", "dirname", "basename", "extname", "isAbsolute", "parse"] as const) {
    test(`${name}.${operation} does as Node's`, () => {
      // Node's `parse("/..")` says that the extension is a point.
      for (const path of PARTS.filter((path) => operation !== "parse" || path !== "/..")) assert.deepEqual(ours[operation](path), theirs[operation](path), JSON.stringify(path));
    });
  }
  test(`${name}.join does as Node's`, () => {
    // Some versions of Node put `.\\` before what would become a drive.
    const joined = PARTS.filter((path) => !/^[A-Z]:/.test(path));
    for (const a of PARTS) for (const b of joined) assert.equal(ours.join(a, b), theirs.join(a, b), JSON.stringify([a, b]));
  });
}

test("posix.resolve and relative do as Node's below a root", () => {
  for (const a of PARTS) {
    for (const b of PARTS) {
      assert.equal(posix.resolve("/r/s", a, b), nodePath.posix.resolve("/r/s", a, b), JSON.stringify([a, b]));
      const [from, to] = [nodePath.posix.resolve("/r", a), nodePath.posix.resolve("/r", b)];
      assert.equal(posix.relative(from, to), nodePath.posix.relative(from, to), JSON.stringify([from, to]));
    }
  }
});

test("win32.resolve does as Node's on a drive", () => {
  for (const path of PARTS) assert.equal(win32.resolve("C:\\r\\s", path), nodePath.win32.resolve("C:\\r\\s", path), JSON.stringify(path));
});

test("format and suffixes do as Node's", () => {
  assert.equal(posix.format({ root: "/", base: "a" }), nodePath.posix.format({ root: "/", base: "a" }));
  assert.equal(posix.basename("a/b.js", ".js"), "b");
  assert.equal(posix.basename("/", "/"), nodePath.posix.basename("/", "/"));
});
