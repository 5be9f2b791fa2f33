/** The two sides of a WebSocket, whatever lies between them: the host's connection, or the memory of this worker. */
import { native } from "../../host";
import type { NativeClosing, NativeSocket } from "../../native";

/** What arrives at a side: a message, and last how it ended. */
export type Arrival = string | Uint8Array | NativeClosing;

export interface Link {
  /** The protocol that was agreed upon, or "". */
  readonly protocol: string;
  /** Begins to hand over what arrives. To be called once; until then it waits. */
  start(receive: (arrival: Arrival) => void): void;
  send(data: string | Uint8Array): void;
  /** Says that this side closes. The other side's answer arrives as a closing. */
  close(closing: Closing): void;
  /** Bytes that the other side has not got yet. */
  buffered(): number;
}

export interface Closing {
  /** 1005 for none. */
  code: number;
  reason: string;
}

export const NO_STATUS = 1005;
const INTERNAL_ERROR = 1011;

/** Codes that stand for what was not said, and so cannot be (RFC 6455 7.4.1). */
export function isReserved(code: number): boolean {
  return code === 1004 || code === NO_STATUS || code === 1006 || code === 1015;
}

/** A connection of the host. */
export class HostLink implements Link {
  readonly #socket: NativeSocket;
  readonly protocol: string;

  constructor(socket: NativeSocket, protocol: string) {
    this.#socket = socket;
    this.protocol = protocol;
  }

  start(receive: (arrival: Arrival) => void): void {
    this.#socket.start(receive);
  }

  /** The next arrival; nothing more is taken from the network until it is asked for. Not together with `start`. */
  next(): Promise<Arrival> {
    return new Promise((resolve) => this.#socket.next(resolve));
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  /** Resolves once the network has room for another message; never where the connection ends before. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#socket.room(resolve));
  }

  close({ code, reason }: Closing): void {
    if (code === NO_STATUS) this.#socket.close(null, "");
    else if (isReserved(code)) this.#socket.close(INTERNAL_ERROR, "");
    else this.#socket.close(code, reason);
  }

  buffered(): number {
    return this.#socket.buffered();
  }
}

/** One of the two sides of a WebSocketPair. */
export class PairLink implements Link {
  readonly protocol = "";
  #peer: PairLink | null = null;
  #closed = false;
  #receive: ((arrival: Arrival) => void) | null = null;
  readonly #arrivals: Arrival[] = [];
  #heard: (() => void) | null = null;

  static pair(): [PairLink, PairLink] {
    const [a, b] = [new PairLink(), new PairLink()];
    [a.#peer, b.#peer] = [b, a];
    return [a, b];
  }

  start(receive: (arrival: Arrival) => void): void {
    this.#receive = receive;
    for (const _ of this.#arrivals) this.#schedule();
    this.#peer!.#heard?.();
  }

  /** Calls back once somebody listens at the other side: what is sent before piles up there. */
  onceHeard(callback: () => void): void {
    if (this.#peer!.#receive !== null) callback();
    else this.#heard = callback;
  }

  send(data: string | Uint8Array): void {
    // The sender may change its buffer meanwhile.
    if (!this.#closed) this.#peer!.#arrive(typeof data === "string" ? data : data.slice());
  }

  close(closing: Closing): void {
    this.end({ ...closing, wasClean: true, error: null });
  }

  /** As `close`; for a connection beyond this side that may have been lost. */
  end(closing: NativeClosing): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer!.#arrive(closing);
  }

  buffered(): number {
    return 0;
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    if (this.#receive !== null) this.#schedule();
  }

  /** Each arrival is a task of its own. */
  #schedule(): void {
    native.startTimer(0, () => this.#receive!(this.#arrivals.shift()!));
  }
}

/** Lets what arrives at one side leave by the other, both ways. Calls back when the first side's connection is over. */
export function bridge(connection: Link, inner: Link, over: () => void): void {
  inner.start((arrival) => {
    if (isClosing(arrival)) connection.close(arrival);
    else connection.send(arrival);
  });
  const forward = (arrival: Arrival): void => {
    if (!isClosing(arrival)) {
      inner.send(arrival);
      return;
    }
    if (inner instanceof PairLink) inner.end(arrival);
    else inner.close(arrival);
    over();
  };
  if (inner instanceof PairLink) inner.onceHeard(() => connection.start(forward));
  else connection.start(forward);
}

export function isClosing(arrival: Arrival): arrival is NativeClosing {
  return typeof arrival === "object" && !(arrival instanceof Uint8Array);
}
