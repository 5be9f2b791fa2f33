/** `node:_stream_writable`, the old name of a part of `node:stream`. */
import { Writable } from "./stream";

export { Writable };
export default Writable;
