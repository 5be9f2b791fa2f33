/** `node:_stream_readable`, the old name of a part of `node:stream`. */
import { Readable } from "./stream";

export { Readable };
export default Readable;
