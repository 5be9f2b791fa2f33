/** `reportError` (HTML 8.1.4.3): an error that nothing caught becomes an `error` event on the global object, else a console line. */
import { exposeGlobal } from "../expose";
import { console } from "./console";
import { dispatch, ErrorEvent, EventTarget, onException } from "./events";

/** The listeners of the global object; `global-scope.ts` gives the global its methods. */
export const globalTarget = new EventTarget();

export function reportError(error: unknown): void {
  if (arguments.length === 0) throw new TypeError("`reportError` needs an error");
  const message = error instanceof Error ? error.message : String(error);
  if (dispatch(globalTarget, new ErrorEvent("error", { message, error, cancelable: true }))) console.error("Uncaught", error);
}

onException(reportError);
exposeGlobal("reportError", reportError);
