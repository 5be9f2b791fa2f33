/**
 * What handlers of HTMLRewriter get. A token remembers what was done to it as a flat list of edits, which the engine applies to the
 * document once all handlers of the piece have run; what a handler reads back is kept here.
 */
import { shape } from "../../expose";
import { Response } from "../response";
import { ReadableStream } from "../streams";
import { toDictionary } from "../webidl";

export type ContentInit = string | ReadableStream<Uint8Array> | Response;

export interface ContentOptions {
  html?: boolean;
}

/** The numbers of edits; `sdk/engine/src/native/html_rewriter.rs` knows them too. */
const enum Op {
  Before,
  After,
  Prepend,
  Append,
  Replace,
  SetInner,
  Remove,
  RemoveAndKeepContent,
  SetAttribute,
  RemoveAttribute,
  SetName,
  SetText,
}

/** What one document's tokens share. */
export interface Document {
  /** Takes a stream that is to be inserted; answers with its number. */
  keep(content: ReadableStream<Uint8Array>, html: boolean): number;
  /** Elements that are open and whose content was removed. */
  removedDepth: number;
}

/** A token while its handlers run: shared by the objects that several handlers get for it. */
export interface State {
  document: Document;
  edits: unknown[];
  removed: boolean;
  /** What the scan said of it; see `NativeRewriter.scan` in `native.ts`. */
  scanned: unknown[];
}

const INVALID = "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";

abstract class Token {
  /** Null once the handler is over. */
  declare _state: State | null;

  constructor(state: State) {
    this._state = state;
  }

  _live(): State {
    if (this._state === null) throw new TypeError(INVALID);
    return this._state;
  }

  _edit(op: Op, a?: unknown, b?: unknown): this {
    this._live().edits.push(op, a, b);
    return this;
  }

  _insert(op: Op, content: ContentInit, options: ContentOptions | undefined): this {
    if (content === undefined) throw new TypeError("there is no content to insert: it is a string, a ReadableStream or a Response");
    const html = Boolean(toDictionary(options, "the second argument").html);
    const { document } = this._live();
    const stream = content instanceof Response ? content.body : content;
    if (stream instanceof ReadableStream) return this._edit(op, document.keep(stream, html), html);
    return this._edit(op, content instanceof Response ? "" : String(content), html);
  }

  _remove(op: Op): this {
    this._edit(op);
    this._live().removed = true;
    return this;
  }
}

/** A token that stands between others. */
abstract class Placed extends Token {
  before(content: ContentInit, options?: ContentOptions): this {
    return this._insert(Op.Before, content, options);
  }

  after(content: ContentInit, options?: ContentOptions): this {
    return this._insert(Op.After, content, options);
  }

  remove(): this {
    return this._remove(Op.Remove);
  }
}

abstract class Replaceable extends Placed {
  get removed(): boolean {
    return this._live().removed;
  }

  replace(content: ContentInit, options?: ContentOptions): this {
    this._insert(Op.Replace, content, options);
    this._live().removed = true;
    return this;
  }
}

export type EndTagHandler = (tag: EndTag) => unknown;

export interface ElementState extends State {
  scanned: [name: string, namespace: string, canHaveContent: boolean, attributes: string[]];
  removesContent: boolean;
  endHandlers: EndTagHandler[] | null;
}

export class Element extends Replaceable {
  declare _state: ElementState | null;

  override _live(): ElementState {
    return super._live() as ElementState;
  }

  get tagName(): string {
    return this._live().scanned[0];
  }

  set tagName(value: string) {
    const name = String(value);
    checkTagName(name);
    this._edit(Op.SetName, name);
    this._live().scanned[0] = name;
  }

  get namespaceURI(): string {
    return this._live().scanned[1];
  }

  get attributes(): IterableIterator<[string, string]> {
    return new AttributesIterator(this);
  }

  getAttribute(name: string): string | null {
    const { attributes, at } = this._find(name);
    return at < 0 ? null : attributes[at + 1]!;
  }

  hasAttribute(name: string): boolean {
    return this._find(name).at >= 0;
  }

  setAttribute(name: string, value: string): this {
    const { attributes, at, key } = this._find(name);
    checkAttributeName(key);
    const text = String(value);
    if (at < 0) attributes.push(key, text);
    else attributes[at + 1] = text;
    return this._edit(Op.SetAttribute, key, text);
  }

  removeAttribute(name: string): this {
    const { attributes, at, key } = this._find(name);
    if (at >= 0) attributes.splice(at, 2);
    return this._edit(Op.RemoveAttribute, key);
  }

  _find(name: string): { attributes: string[]; at: number; key: string } {
    const attributes = this._live().scanned[3];
    const key = String(name).replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
    let at = attributes.length - 2;
    while (at >= 0 && attributes[at] !== key) at -= 2;
    return { attributes, at, key };
  }

  prepend(content: ContentInit, options?: ContentOptions): this {
    return this._insert(Op.Prepend, content, options);
  }

  append(content: ContentInit, options?: ContentOptions): this {
    return this._insert(Op.Append, content, options);
  }

  setInnerContent(content: ContentInit, options?: ContentOptions): this {
    this._insert(Op.SetInner, content, options);
    return this._removeContent();
  }

  override replace(content: ContentInit, options?: ContentOptions): this {
    super.replace(content, options);
    return this._removeContent();
  }

  override remove(): this {
    super.remove();
    return this._removeContent();
  }

  removeAndKeepContent(): this {
    return this._remove(Op.RemoveAndKeepContent);
  }

  /** Elements inside it count as removed from here to its end tag. */
  _removeContent(): this {
    const state = this._live();
    if (!state.scanned[2] || state.removesContent) return this;
    state.removesContent = true;
    state.document.removedDepth++;
    return this;
  }

  onEndTag(handler: EndTagHandler): void {
    const state = this._live();
    if (typeof handler !== "function") throw new TypeError("`onEndTag` takes a function");
    if (!state.scanned[2]) throw new TypeError("Parser error: No end tag.");
    (state.endHandlers ??= []).push(handler);
  }
}

class AttributesIterator {
  declare _element: Element;
  declare _at: number;

  constructor(element: Element) {
    this._element = element;
    this._at = 0;
  }

  next(): IteratorResult<[string, string], undefined> {
    const attributes = this._element._live().scanned[3];
    const at = this._at;
    if (at >= attributes.length) return { done: true, value: undefined };
    this._at += 2;
    return { done: false, value: [attributes[at]!, attributes[at + 1]!] };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

export class EndTag extends Placed {
  get name(): string {
    return this._live().scanned[0] as string;
  }

  set name(value: string) {
    const name = String(value);
    this._edit(Op.SetName, name);
    this._live().scanned[0] = name;
  }
}

export class Text extends Replaceable {
  get text(): string {
    return this._live().scanned[0] as string;
  }

  get lastInTextNode(): boolean {
    return this._live().scanned[1] as boolean;
  }
}

export class Comment extends Replaceable {
  get text(): string {
    return this._live().scanned[0] as string;
  }

  set text(value: string) {
    const text = String(value);
    // What would end the comment earlier in a browser (HTML 13.2.5.43 to 52).
    if (/-->|--!>|^-?>/.test(text)) throw new TypeError("Parser error: Comment text shouldn't contain a comment-closing sequence.");
    this._edit(Op.SetText, text);
    this._live().scanned[0] = text;
  }
}

export class Doctype extends Token {
  get name(): string | null {
    return (this._live().scanned[0] as string | undefined) ?? null;
  }

  get publicId(): string | null {
    return (this._live().scanned[1] as string | undefined) ?? null;
  }

  get systemId(): string | null {
    return (this._live().scanned[2] as string | undefined) ?? null;
  }
}

export class DocumentEnd extends Token {
  append(content: ContentInit, options?: ContentOptions): this {
    return this._insert(Op.Append, content, options);
  }
}

function checkTagName(name: string): void {
  if (name === "") throw new TypeError("Parser error: Tag name can't be empty.");
  if (!/^[A-Za-z]/.test(name)) throw new TypeError("Parser error: The first character of the tag name should be an ASCII alphabetical character.");
  const forbidden = /[ \n\r\t\f/>]/.exec(name);
  if (forbidden !== null) throw new TypeError(`Parser error: \`${forbidden[0]}\` character is forbidden in the tag name`);
}

function checkAttributeName(name: string): void {
  if (name === "") throw new TypeError("Parser error: Attribute name can't be empty.");
  const forbidden = /[ \n\r\t\f/>=]/.exec(name);
  if (forbidden !== null) throw new TypeError(`Parser error: \`${forbidden[0]}\` character is forbidden in the attribute name`);
}

for (const [name, constructor] of Object.entries({ Element, EndTag, Text, Comment, Doctype, DocumentEnd, AttributesIterator })) shape(name, constructor);
