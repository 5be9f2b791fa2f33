/** The global `Buffer`. */
import { Buffer } from "../node/internal/buffer";

Object.defineProperty(globalThis, "Buffer", { value: Buffer, writable: true, configurable: true, enumerable: false });
