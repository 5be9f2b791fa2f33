/** `node:tty`: there is no terminal. */
import stub from "stub:tty";
export * from "stub:tty";

export const isatty = (): boolean => false;
export default { ...stub, isatty };
