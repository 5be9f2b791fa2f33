/** `node:constants`, an old collection of numbers. */
import os from "./os";

const files = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };
export default { ...os.constants.signals, ...files };
