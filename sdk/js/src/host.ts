/** The engine's natives, taken from the global object so that a worker's own code never sees them. */
import type { Native } from "./native";

const scope = globalThis as { __native?: Native };

export const native = scope.__native as Native;

delete scope.__native;
