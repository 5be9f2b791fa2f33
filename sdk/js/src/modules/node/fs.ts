/** `node:fs`: there are no files. Whether one exists can be asked; what would read or write throws. */
import stub from "stub:fs";
import promises from "./fs/promises";
export * from "stub:fs";

export const existsSync = (): boolean => false;
export const constants = {
  F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, S_IFLNK: 40960,
  COPYFILE_EXCL: 1,
};
export { promises };
export default { ...stub, existsSync, constants, promises };
