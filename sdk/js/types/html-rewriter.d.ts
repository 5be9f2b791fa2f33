/** HTMLRewriter: docs/reference/html-rewriter.md. The names are those of Cloudflare's types. */

interface HTMLRewriter {
  on(selector: string, handlers: HTMLRewriterElementContentHandlers | null): this;
  onDocument(handlers: HTMLRewriterDocumentContentHandlers | null): this;
  transform(response: Response): Response;
}

declare var HTMLRewriter: { prototype: HTMLRewriter; new (): HTMLRewriter };

interface HTMLRewriterElementContentHandlers {
  element?(element: Element): void | Promise<void>;
  comments?(comment: Comment): void | Promise<void>;
  text?(text: Text): void | Promise<void>;
}

interface HTMLRewriterDocumentContentHandlers {
  doctype?(doctype: Doctype): void | Promise<void>;
  comments?(comment: Comment): void | Promise<void>;
  text?(text: Text): void | Promise<void>;
  end?(end: DocumentEnd): void | Promise<void>;
}

type HTMLRewriterContent = string | ReadableStream<Uint8Array | string> | Response;

interface ContentOptions {
  /** Inserts the content as it is; text is escaped otherwise. */
  html?: boolean;
}

/** What stands between other tokens. */
interface HTMLRewriterToken {
  before(content: HTMLRewriterContent, options?: ContentOptions): this;
  after(content: HTMLRewriterContent, options?: ContentOptions): this;
  remove(): this;
}

interface HTMLRewriterContentToken extends HTMLRewriterToken {
  readonly removed: boolean;
  replace(content: HTMLRewriterContent, options?: ContentOptions): this;
}

interface Element extends HTMLRewriterContentToken {
  tagName: string;
  readonly attributes: IterableIterator<[string, string]>;
  readonly namespaceURI: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): this;
  removeAttribute(name: string): this;
  prepend(content: HTMLRewriterContent, options?: ContentOptions): this;
  append(content: HTMLRewriterContent, options?: ContentOptions): this;
  setInnerContent(content: HTMLRewriterContent, options?: ContentOptions): this;
  removeAndKeepContent(): this;
  /** Throws for an element that cannot have content. */
  onEndTag(handler: (tag: EndTag) => void | Promise<void>): void;
}

interface EndTag extends HTMLRewriterToken {
  name: string;
}

interface Comment extends HTMLRewriterContentToken {
  text: string;
}

interface Text extends HTMLRewriterContentToken {
  readonly lastInTextNode: boolean;
  readonly text: string;
}

interface Doctype {
  readonly name: string | null;
  readonly publicId: string | null;
  readonly systemId: string | null;
}

interface DocumentEnd {
  append(content: HTMLRewriterContent, options?: ContentOptions): this;
}
