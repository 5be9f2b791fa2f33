/** `node:stream`: npm's `readable-stream`, which is Node.js's own code, with adapters to the streams of the Web. */
import whole from "readable-stream/lib/stream.js";
import { adapters } from "./internal/stream-adapters";

const HIGH_WATER_MARK_BYTES = 64 * 1024;

whole.setDefaultHighWaterMark(false, HIGH_WATER_MARK_BYTES);
adapters(whole);

export const {
  Stream, Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished, addAbortSignal, compose, destroy, isDisturbed, isErrored, isReadable, setDefaultHighWaterMark,
  getDefaultHighWaterMark, promises, _isUint8Array, _uint8ArrayToBuffer,
} = whole;
export default whole;
