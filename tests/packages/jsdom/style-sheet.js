/** Rules as jsdom prints them, and any selector: happy-dom refuses those of view transitions. */
class Rule {
  constructor(text) {
    const open = text.indexOf("{");
    const [selector, body] = [text.slice(0, open).trim(), text.slice(open + 1, text.lastIndexOf("}"))];
    this.selectorText = selector;
    this.cssText = body.includes("{") ? `${selector} {${body}}` : `${selector} {${body.split(";").map(declaration).filter(Boolean).join(" ")}}`;
  }
}

function declaration(text) {
  const colon = text.indexOf(":");
  return colon < 0 ? "" : `${text.slice(0, colon).trim()}: ${text.slice(colon + 1).trim()};`;
}

export class StyleSheet {
  cssRules = [];

  constructor(text) {
    for (const rule of split(text)) this.cssRules.push(new Rule(rule));
  }
  insertRule(text, index = 0) {
    this.cssRules.splice(index, 0, new Rule(text));
    return index;
  }
  deleteRule(index) {
    this.cssRules.splice(index, 1);
  }

  /** A style element has one sheet for as long as its text is the same. */
  static install(window) {
    const sheets = new WeakMap();
    const get = function () {
      const known = sheets.get(this);
      if (known?.text === this.textContent) return known.sheet;
      const sheet = new StyleSheet(this.textContent);
      sheets.set(this, { text: this.textContent, sheet });
      return sheet;
    };
    Object.defineProperty(window.HTMLStyleElement.prototype, "sheet", { configurable: true, get });
  }
}

/** Rules at the top level. */
function* split(text) {
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) {
      yield text.slice(start, at + 1);
      start = at + 1;
    }
  }
}
