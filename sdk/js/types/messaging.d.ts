/** Structured clones and message channels (HTML 2.7 and 9.4); both ports live in one instance. */

type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;

interface StructuredSerializeOptions {
  transfer?: Iterable<Transferable>;
}

declare function structuredClone<T>(value: T, options?: StructuredSerializeOptions): T;

interface MessagePortEventMap {
  message: MessageEvent;
  messageerror: MessageEvent;
}

interface MessagePort extends TypedEventTarget<MessagePortEventMap> {
  /** Unlike `addEventListener` it starts the port. */
  onmessage: ((this: MessagePort, event: MessageEvent) => unknown) | null;
  onmessageerror: ((this: MessagePort, event: MessageEvent) => unknown) | null;
  close(): void;
  postMessage(message: unknown, transfer: Iterable<Transferable>): void;
  postMessage(message: unknown, options?: StructuredSerializeOptions): void;
  start(): void;
}

declare var MessagePort: Unconstructible<MessagePort>;

interface MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

declare var MessageChannel: { prototype: MessageChannel; new (): MessageChannel };
