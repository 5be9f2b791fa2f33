/** Stands in for jsdom, which needs the `vm` of Node.js: the same tests on happy-dom's document. */
import { DOMException, GlobalWindow } from "happy-dom";
import { StyleSheet } from "./style-sheet.js";

export class JSDOM {
  constructor(html = "", { url = "http://localhost/", resources, runScripts } = {}) {
    this.window = new GlobalWindow({ url, settings: settingsOf(resources) });
    const { document } = this.window;
    resetPrototypes(this.window);
    this.window.DOMException = DOMException;
    trustForms(this.window);
    StyleSheet.install(this.window);
    document.write(html);
    if (runScripts === "dangerously") for (const script of document.querySelectorAll("script:not([src])")) evaluate(script, this.window);
  }
  serialize() {
    return this.window.document.documentElement.outerHTML;
  }
}

export class ResourceLoader {
  async fetch() {
    return Buffer.from("");
  }
}

/** Scripts and style sheets are loaded by the test's loader alone, and pages by nobody, so nothing goes to the network. */
function settingsOf(loader) {
  const navigation = { disableMainFrameNavigation: true, disableChildFrameNavigation: true, disableChildPageNavigation: true };
  if (!(loader instanceof ResourceLoader)) return { navigation, disableJavaScriptFileLoading: true, disableCSSFileLoading: true };
  const beforeAsyncRequest = async ({ request, window }) => {
    try {
      return new window.Response(await loader.fetch(request.url));
    } catch {
      return new window.Response("", { status: 404 });
    }
  };
  return { navigation, enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true, fetch: { interceptor: { beforeAsyncRequest } } };
}

const SPIED_ON = ["Element", "HTMLInputElement", "HTMLSelectElement", "Text"];
const prototypes = new Map();

/** Each window of jsdom has prototypes of its own. Those of happy-dom share them, so what a test did to them is undone. */
function resetPrototypes(window) {
  for (const name of SPIED_ON)
    for (let prototype = window[name].prototype; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
      if (!prototypes.has(prototype)) prototypes.set(prototype, Object.getOwnPropertyDescriptors(prototype));
      const before = prototypes.get(prototype);
      for (const key of Reflect.ownKeys(prototype)) if (!Object.hasOwn(before, key)) delete prototype[key];
      Object.defineProperties(prototype, before);
    }
}

/** A form that is submitted by a click says so: happy-dom has no trusted events. */
function trustForms(window) {
  const trust = (event) => {
    if (event instanceof window.SubmitEvent) Object.defineProperty(event, "isTrusted", { value: true });
  };
  window.addEventListener("submit", trust, { capture: true });
}

function evaluate(script, window) {
  Object.defineProperty(window.document, "currentScript", { value: script, configurable: true });
  new Function("window", "document", script.textContent).call(window, window, window.document);
  delete window.document.currentScript;
}
