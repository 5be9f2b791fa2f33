// CallSite as libraries use it. The answer lists what is wrong.
const METHODS = [
  "getColumnNumber", "getEnclosingColumnNumber", "getEnclosingLineNumber", "getEvalOrigin", "getFileName", "getFunction", "getFunctionName",
  "getLineNumber", "getMethodName", "getPosition", "getPromiseIndex", "getScriptHash", "getScriptNameOrSourceURL", "getThis", "getTypeName",
  "isAsync", "isConstructor", "isEval", "isNative", "isPromiseAll", "isToplevel", "toString",
];

function sitesHere() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  Error.stackTraceLimit = 10;
  const holder = {};
  Error.captureStackTrace(holder, sitesHere);
  const { stack } = holder;
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return stack;
}

class Maker {
  constructor() {
    this.sites = sitesHere();
  }
}

/** What `depd`, which Express and Koa use, asks of the place that called it. */
function placeOf(site) {
  const file = site.getFileName() || `${site.getEvalOrigin()}`;
  const name = site.getFunctionName() || (site.isToplevel() ? "<anonymous>" : `${site.getTypeName()}.${site.getMethodName()}`);
  return [file, site.getLineNumber(), site.getColumnNumber(), name];
}

export default {
  fetch() {
    const wrong = [];
    const check = (what, holds) => holds || wrong.push(what);
    function outer() {
      return sitesHere();
    }
    const sites = outer();
    check(`a list: ${sites}`, Array.isArray(sites) && sites.length >= 2);
    for (const name of METHODS) {
      check(`${name} is missing`, typeof sites[0][name] === "function");
      try {
        sites[0][name]();
      } catch (error) {
        wrong.push(`${name} throws ${error}`);
      }
    }
    const [file, line, column, name] = placeOf(sites[0]);
    check(`placeOf: ${[file, line, column, name]}`, file === "worker.js" && line > 0 && column > 0 && name === "outer");
    check(`toString: ${sites[0]}`, /^outer \(worker\.js:\d+:\d+\)$/.test(String(sites[0])));
    check("outer is no constructor", !sites[0].isConstructor() && !sites[0].isNative() && !sites[0].isEval() && !sites[0].isAsync());
    const maker = new Maker().sites[0];
    check(`new: ${maker}`, maker.isConstructor() && String(maker).startsWith("new Maker ("));
    const native = [0].map(() => sitesHere())[0].find((site) => site.isNative());
    check(`native: ${native}`, native !== undefined && native.getFunctionName() === "map" && native.getLineNumber() === null);
    check("no trace is left changed", new Error("e").stack.startsWith("Error: e\n    at "));
    return new Response(wrong.join("\n"));
  },
};
