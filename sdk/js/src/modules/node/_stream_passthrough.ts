/** `node:_stream_passthrough`, the old name of a part of `node:stream`. */
import { PassThrough } from "./stream";

export { PassThrough };
export default PassThrough;
