/** MessageChannel and MessagePort (HTML 9.4): both ports live in this instance; a message arrives as a task of its own. */
import { exposeClasses } from "../expose";
import { DOMException } from "./dom-exception";
import { MessageEvent, usePorts } from "./event-classes";
import { defineHandler, EventTarget, fire, type Listener } from "./events";
import { addMover, cloneAndTransfer, type StructuredSerializeOptions, type Transfer, transferOf } from "./structured-clone";
import { queueTask } from "./tasks";
import { illegalUnless, INTERNAL, isObject, need, toSequence } from "./webidl";

interface Message {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

/** Where the messages for a port wait. It moves with the port when that is transferred. */
interface Inbox {
  owner: MessagePort | null;
  readonly messages: Message[];
  started: boolean;
}

let isPort: (value: unknown) => value is MessagePort;
let entangle: (one: MessagePort, other: MessagePort) => void;

export class MessagePort extends EventTarget {
  #inbox: Inbox = { owner: this, messages: [], started: false };
  /** Where what this port sends arrives; null once it is closed. */
  #peer: Inbox | null = null;
  /** Transferred away: another object is the port now. */
  #detached = false;

  declare onmessageerror: Listener | null;

  static {
    isPort = (value): value is MessagePort => isObject(value) && #inbox in value;

    entangle = (one, other) => {
      one.#peer = other.#inbox;
      other.#peer = one.#inbox;
    };

    const move = (port: MessagePort): Transfer => {
      if (port.#detached) throw new DOMException("a MessagePort was transferred already", "DataCloneError");
      const received = new MessagePort(INTERNAL);
      const commit = (): void => {
        received.#inbox = port.#inbox;
        received.#inbox.owner = received;
        received.#inbox.started = false;
        received.#peer = port.#peer;
        port.#inbox = { owner: null, messages: [], started: false };
        port.#peer = null;
        port.#detached = true;
      };
      return { received, commit };
    };
    addMover((value) => (isPort(value) ? move(value) : null));
  }

  constructor(token: unknown = undefined) {
    illegalUnless(token);
    super();
  }

  postMessage(message: unknown, transferOrOptions: Iterable<object> | StructuredSerializeOptions | undefined = undefined): void {
    const peer = this.#peer;
    need(arguments.length, 1, "MessagePort.postMessage");
    const isList = isObject(transferOrOptions) && Symbol.iterator in transferOrOptions;
    const transfer = isList ? toSequence(transferOrOptions, (item) => item as object, "`transfer`") : transferOf(transferOrOptions);
    if (transfer.includes(this)) throw new DOMException("a MessagePort cannot be sent through itself", "DataCloneError");
    const { value, received } = cloneAndTransfer(message, transfer);
    if (peer === null) return;
    peer.messages.push({ data: value, ports: Object.freeze(received.filter(isPort)) });
    if (peer.started) queueTask(() => deliver(peer));
  }

  start(): void {
    const inbox = this.#inbox;
    if (inbox.started || this.#detached) return;
    inbox.started = true;
    for (let waiting = inbox.messages.length; waiting > 0; waiting--) queueTask(() => deliver(inbox));
  }

  close(): void {
    const peer = this.#peer;
    this.#peer = null;
    this.#inbox.owner = null;
    if (peer !== null) peer.owner?.close();
  }

  get onmessage(): Listener | null {
    return messageHandler.get!.call(this) as Listener | null;
  }

  /** Unlike `addEventListener` it starts the port. */
  set onmessage(handler: Listener | null) {
    messageHandler.set!.call(this, handler);
    this.start();
  }
}
defineHandler(MessagePort.prototype, "messageerror");

const handlers = {};
defineHandler(handlers, "message");
const messageHandler = Object.getOwnPropertyDescriptor(handlers, "onmessage")!;

function deliver(inbox: Inbox): void {
  if (!inbox.started || inbox.owner === null) return;
  const message = inbox.messages.shift();
  if (message !== undefined) fire(inbox.owner, new MessageEvent("message", message));
}

class MessageChannel {
  readonly #port1 = new MessagePort(INTERNAL);
  readonly #port2 = new MessagePort(INTERNAL);

  constructor() {
    entangle(this.#port1, this.#port2);
  }

  get port1(): MessagePort {
    return this.#port1;
  }

  get port2(): MessagePort {
    return this.#port2;
  }
}

usePorts((value) => {
  if (!isPort(value)) throw new TypeError("a MessagePort is needed");
  return value;
});
exposeClasses({ MessageChannel, MessagePort });
