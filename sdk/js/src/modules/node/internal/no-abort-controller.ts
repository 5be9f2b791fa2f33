/** In place of npm's `abort-controller`, which `readable-stream` asks for where there is none: here it is global. */
export default globalThis;
