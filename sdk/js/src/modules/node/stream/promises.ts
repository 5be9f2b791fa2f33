/** `node:stream/promises`. */
import stream from "../stream";

export const { pipeline, finished } = stream.promises as { pipeline: (...args: unknown[]) => Promise<void>; finished: (stream: object, options?: object) => Promise<void> };
export default { pipeline, finished };
