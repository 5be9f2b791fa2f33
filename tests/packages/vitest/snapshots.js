/** Snapshots are compared where they stand inline; there is no file system for others. */
import { format, plugins } from "@vitest/pretty-format";

const FORMAT = {
  escapeRegex: true,
  escapeString: false,
  printBasicPrototype: false,
  plugins: [plugins.ReactTestComponent, plugins.ReactElement, plugins.DOMElement, plugins.DOMCollection, plugins.Immutable, plugins.AsymmetricMatcher],
};

export function inlineSnapshots(chai, utils) {
  const add = (name, receive) =>
    utils.addMethod(chai.Assertion.prototype, name, function (...args) {
      const snapshot = args.find((part) => typeof part === "string");
      if (snapshot === undefined) throw new Error("there is no inline snapshot to compare with");
      const received = receive(utils.flag(this, "object"), utils.flag(this, "promise"));
      compare(format(received, FORMAT), snapshot);
    });
  add("toMatchInlineSnapshot", (value) => value);
  add("toThrowErrorMatchingInlineSnapshot", (value, promise) => (promise === "rejects" ? value : thrownBy(value)));
  for (const name of ["toMatchSnapshot", "toMatchFileSnapshot", "toThrowErrorMatchingSnapshot"])
    utils.addMethod(chai.Assertion.prototype, name, () => {
      throw new Error(`\`${name}\` needs a file system`);
    });
}

function compare(received, snapshot) {
  const [left, right] = [received, withoutIndentation(snapshot)].map((text) => text.replaceAll("\r\n", "\n").trim());
  if (left !== right) throw new Error(`the snapshot differs:\n${left}\nis not\n${right}`);
}

function thrownBy(body) {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function withoutIndentation(text) {
  const indentation = /^\n([^\S\n]*)\S/.exec(text)?.[1];
  if (!indentation) return text;
  const lines = text.split("\n");
  const isIndented = lines.slice(1, -1).every((line) => line.trim() === "" || line.startsWith(indentation));
  return isIndented ? lines.map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line)).join("\n") : text;
}
