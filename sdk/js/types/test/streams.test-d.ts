/** Streams, compression, encoding. */

const numbers = new ReadableStream<number>(
  {
    start(controller) {
      controller.enqueue(1);
      // @ts-expect-error
      controller.enqueue("1");
    },
    async pull(controller) {
      controller.close();
    },
    cancel: (reason) => console.log(reason),
  },
  new CountQueuingStrategy({ highWaterMark: 2 }),
);
const bytes: ReadableStream<Uint8Array> = new ReadableStream({
  type: "bytes",
  autoAllocateChunkSize: 1024,
  pull(controller) {
    const view: Uint8Array<ArrayBuffer> | undefined | null = controller.byobRequest?.view;
    view?.fill(1);
    controller.byobRequest?.respond(1);
  },
});
// @ts-expect-error
new ReadableStream({ type: "text" });
// @ts-expect-error a byte stream has no size function
new ReadableStream({ type: "bytes" }, { size: () => 1 });

const texts: ReadableStream<string> = numbers.pipeThrough(
  new TransformStream<number, string>({
    transform: (chunk, controller) => controller.enqueue(chunk.toFixed()),
    flush: (controller) => controller.terminate(),
  }),
);
// @ts-expect-error the kinds of chunks do not fit
numbers.pipeThrough(new TransformStream<string, string>());
// @ts-expect-error
numbers.pipeTo(new WritableStream<string>());
await texts.pipeTo(
  new WritableStream<string>({
    write: (chunk, controller) => console.log(chunk.length, controller.signal.aborted),
    close: () => {},
    abort: async (reason) => console.log(reason),
  }),
  { preventCancel: true, signal: AbortSignal.timeout(1) },
);
const [one, other] = bytes.tee();
const encoded: ReadableStream<Uint8Array> = ReadableStream.from(["a"]).pipeThrough(new TextEncoderStream()).pipeThrough(new CompressionStream("gzip"));
const decoded: ReadableStream<string> = encoded.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream("utf-8", { fatal: true }));
// @ts-expect-error it is decoded on the way in alone
new CompressionStream("br");

const reader = one.getReader();
const { done, value } = await reader.read();
const length: number = done ? 0 : value.length;
reader.releaseLock();
const byob: ReadableStreamBYOBReader = other.getReader({ mode: "byob" });
const read: ReadableStreamReadResult<Uint16Array> = await byob.read(new Uint16Array(4), { min: 2 });
const head: ReadableStreamReadResult<Uint8Array> = await byob.readAtLeast(4, new Uint8Array(8));
// @ts-expect-error
byob.readAtLeast(new Uint8Array(8), 4);
const writer: WritableStreamDefaultWriter<number> = new WritableStream<number>().getWriter();
await writer.write(1);
await Promise.all([writer.ready, writer.closed]);
for await (const text of decoded.values({ preventCancel: true })) console.log(text.length);
for await (const text of decoded) text satisfies string;

const { readable, writable } = new FixedLengthStream(10n, { highWaterMark: 2 });
void encoded.pipeThrough(new IdentityTransformStream()).pipeTo(writable);
void readable.getReader({ mode: "byob" });
// @ts-expect-error a length is needed
new FixedLengthStream();

const utf8: Uint8Array<ArrayBuffer> = new TextEncoder().encode("a");
const { written } = new TextEncoder().encodeInto("a", utf8);
const text: string = new TextDecoder("latin1", { ignoreBOM: true }).decode(utf8, { stream: true }) + atob(btoa("a"));
// @ts-expect-error
new TextDecoder().decode("a");
const hex: string = utf8.toHex() + utf8.toBase64({ alphabet: "base64url" }) + RegExp.escape("a.b");
const sum: number = Math.sumPrecise([0.1, 0.2]);

export { head, hex, length, read, sum, text, written };
