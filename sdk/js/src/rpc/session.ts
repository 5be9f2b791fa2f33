/**
 * One side of a conversation with another worker. Both sides speak the same four messages:
 *
 * - `["call", id, capability, path, arguments]`: follow the path from a capability of yours and call what is there; without arguments, read it.
 *   Capability 0 is the entrypoint.
 * - `["ok", id, value]` and `["no", id, thrown]`: the answer.
 * - `["drop", capability]`: it is needed no more.
 *
 * A capability goes over as `["c", id]`, and home again as `["h", id]`. Streams go as capabilities with the methods of their readers and writers.
 */
import { native } from "../host";
import type { NativeChannel } from "../native";
import { reportFailure } from "../report-error";
import { malformed } from "./messages";
import { follow, RpcTarget, WorkerEntrypoint } from "./targets";
import { stub, stubOf } from "./stubs";
import { readableFrom, ReadableTarget, Remote, writableTo, WritableTarget } from "./streams";
import { isByteStream, ReadableStream } from "../web/streams";
import { Decoder, Encoder, isStream, type Wire } from "./wire";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What the other side has a capability of, and how many times it was given: each is dropped by itself. */
interface Given {
  value: unknown;
  times: number;
}

/** Most capabilities that one side gives to the other. */
const GIVEN_MAX = 10_000;

export class Session {
  private readonly given = new Map<number, Given>();
  private readonly ids = new Map<object, number>();
  private readonly waiting = new Map<number, Waiting>();
  private lastCall = 0;
  private lastGiven = 0;
  /** Capabilities of the other side that are still of use here. */
  private taken = 0;
  private ended = false;

  private channel: NativeChannel | null = null;

  private constructor(private readonly connect: (() => NativeChannel) | null) {}

  /** The caller's side, for one call. It connects once there is something to send: what cannot be sent starts no instance. */
  static toCall(connect: () => NativeChannel): Session {
    return new Session(connect);
  }

  /** The side that is called; settled when the other has ended the conversation. */
  static async serve(channel: NativeChannel, entrypoint: unknown): Promise<void> {
    const session = new Session(null);
    session.channel = channel;
    session.given.set(0, { value: entrypoint, times: 1 });
    await session.listen(channel);
  }

  call(capability: number, path: string[], args: unknown[] | null): Promise<unknown> {
    const id = ++this.lastCall;
    return new Promise((resolve, reject) => {
      if (this.ended) throw new Error("the stub belongs to a conversation with another worker that has ended");
      try {
        this.send((encode) => ["call", id, capability, path, args === null ? null : args.map(encode)]);
        this.waiting.set(id, { resolve, reject });
      } catch (error) {
        this.endIfIdle();
        throw error;
      }
    });
  }

  /** A capability of the other side is needed no more. */
  release(capability: number): void {
    if (this.ended) return;
    this.taken--;
    this.send(() => ["drop", capability]);
    this.endIfIdle();
  }

  // Capabilities

  /** Stubs of other conversations are lent, and go on being of use here; what is answered with one gives it away. */
  private give(value: object, isAnswer: boolean): Wire[] | null {
    const known = stubOf(value);
    if (known?.session === this) return ["h", known.capability];
    if (known !== null) return ["c", this.grant(isAnswer ? value : known.dup())];
    if (isStream(value)) {
      return value instanceof ReadableStream ? ["R", this.grant(new ReadableTarget(value)), isByteStream(value)] : ["W", this.grant(new WritableTarget(value))];
    }
    const isCapability = typeof value === "function" || value instanceof RpcTarget || value instanceof WorkerEntrypoint;
    return isCapability ? ["c", this.grant(value)] : null;
  }

  private grant(value: object): number {
    const known = this.ids.get(value);
    if (known !== undefined) {
      this.given.get(known)!.times++;
      return known;
    }
    if (this.given.size > GIVEN_MAX) throw new RangeError(`more than ${GIVEN_MAX} functions, objects and streams were given to another worker`);
    const id = ++this.lastGiven;
    this.given.set(id, { value, times: 1 });
    this.ids.set(value, id);
    return id;
  }

  private take([tag, id, isBytes]: Wire[]): unknown {
    if (tag === "h") return this.given.get(id as number)?.value;
    if (typeof id !== "number" || !["c", "R", "W"].includes(tag as string)) throw malformed();
    this.taken++;
    if (tag === "c") return stub(this, id);
    const remote = new Remote((name, args) => this.call(id, [name], args), () => this.release(id));
    return tag === "R" ? readableFrom(remote, isBytes === true) : writableTo(remote);
  }

  // Messages

  private send(make: (encode: (value: unknown) => Wire) => Wire, isAnswer = false): void {
    const encoder = new Encoder((value) => this.give(value, isAnswer));
    const message = JSON.stringify(make((value) => encoder.encode(value)));
    (this.channel ?? this.open()).send(message, encoder.blobs);
  }

  private open(): NativeChannel {
    this.channel = this.connect!();
    void this.listen(this.channel);
    return this.channel;
  }

  private async listen(channel: NativeChannel): Promise<void> {
    try {
      while (!this.ended) {
        const [text, ...blobs] = await channel.receive();
        this.receive(JSON.parse(text) as Wire[], blobs);
      }
    } catch (error) {
      this.end(error as Error & { code?: string });
    }
  }

  private receive(message: Wire[], blobs: Uint8Array[]): void {
    const decoder = new Decoder(blobs, (wire) => this.take(wire));
    const [kind, id] = message as [string, number];
    if (kind === "call") void this.answer(id, message, decoder);
    else if (kind === "drop") this.forget(id);
    else this.settle(kind === "ok", id, message[2]!, decoder);
  }

  private async answer(id: number, [, , capability, path, args]: Wire[], decoder: Decoder): Promise<void> {
    let answer: [string, unknown];
    try {
      const root = this.given.get(capability as number)?.value;
      if (root === undefined) throw new TypeError("the capability of another worker is gone");
      const values = args === null ? null : (args as Wire[]).map((arg) => decoder.decode(arg));
      answer = ["ok", await follow(root, (path as string[]).map(String), values)];
    } catch (error) {
      // The caller may handle it, and gets no stack: what went wrong here shows in the record of this worker.
      if (this.connect === null) reportFailure(error);
      answer = ["no", error];
    }
    if (!this.ended) this.sendAnswer(id, answer);
  }

  /** What cannot be sent is the answer's failure: a getter or a Proxy of the worker may have thrown anything, also what cannot be sent either. */
  private sendAnswer(id: number, [kind, value]: [string, unknown]): void {
    try {
      this.send((encode) => [kind, id, encode(value)], true);
    } catch (error) {
      try {
        if ((error as { code?: string } | null)?.code === "closed") return;
        this.send((encode) => ["no", id, encode(error instanceof Error ? error : new Error(String(error)))]);
      } catch {
        this.send((encode) => ["no", id, encode(new Error("what was thrown cannot be sent"))]);
      }
    }
  }

  private settle(isOk: boolean, id: number, wire: Wire, decoder: Decoder): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.waiting.delete(id);
    try {
      const value = decoder.decode(wire);
      if (isOk) waiting.resolve(disposable(value, wire, decoder.stubs));
      else waiting.reject(remote(value));
    } catch (error) {
      decoder.discard();
      waiting.reject(error);
    }
    this.endIfIdle();
  }

  private forget(capability: number): void {
    const given = this.given.get(capability);
    if (given === undefined || capability === 0 || --given.times > 0) return;
    const { value } = given;
    this.given.delete(capability);
    this.ids.delete(value as object);
    letGo(value);
  }

  /** The caller has what it wanted: the other instance can go. */
  private endIfIdle(): void {
    if (this.connect !== null && this.waiting.size === 0 && this.taken === 0) this.end(null);
  }

  private end(error: (Error & { code?: string }) | null): void {
    if (this.ended) return;
    this.ended = true;
    this.channel?.close();
    const reason = error !== null && error.code === "closed" ? new Error(error.message || "the worker that was called has ended without an answer") : error;
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
    this.given.delete(0);
    for (const { value } of this.given.values()) letGo(value);
    this.given.clear();
    this.ids.clear();
  }
}

/** Nobody at the other side holds it any more. */
function letGo(value: unknown): void {
  try {
    (value as { [Symbol.dispose]?: () => void })[Symbol.dispose]?.();
  } catch (error) {
    reportFailure(error);
  }
}

/** An object that a call has given lets go, once it is disposed, of all that it holds of the other worker. */
function disposable(value: unknown, wire: Wire, stubs: readonly object[]): unknown {
  if (!Array.isArray(wire) || wire[0] !== "o") return value;
  const dispose = (): void => {
    for (const stub of stubs) (stub as Disposable)[Symbol.dispose]();
  };
  return Object.defineProperty(value as object, Symbol.dispose, { value: dispose, writable: true, configurable: true });
}

/** Says where it was thrown, as on Cloudflare. */
function remote(thrown: unknown): unknown {
  if (thrown instanceof Error) Object.defineProperty(thrown, "remote", { value: true, writable: true, enumerable: true, configurable: true });
  return thrown;
}

/** Calls an entrypoint of another worker, in an instance of its own. */
export function callService(service: ReturnType<typeof native.service>, path: string[], args: unknown[] | null): Promise<unknown> {
  return Session.toCall(() => service.connect()).call(0, path, args);
}
