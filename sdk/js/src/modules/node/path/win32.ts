/** `node:path/win32`. */
import { posix, win32 } from "../internal/path";

export const { sep, delimiter, resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format, parse, matchesGlob, _makeLong } = win32;
export { posix, win32 };
export default win32;
