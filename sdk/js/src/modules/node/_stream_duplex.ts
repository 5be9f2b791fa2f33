/** `node:_stream_duplex`, the old name of a part of `node:stream`. */
import { Duplex } from "./stream";

export { Duplex };
export default Duplex;
