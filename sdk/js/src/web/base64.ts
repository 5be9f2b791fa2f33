/** `atob` and `btoa` (HTML 8.3). */
import { exposeFunctions } from "../expose";
import { native } from "../host";
import { DOMException } from "./dom-exception";
import { need, needGlobal, toText } from "./webidl";

export function btoa(this: unknown, data: string): string {
  needGlobal(this);
  need(arguments.length, 1, "btoa");
  return native.btoa(toText(data)) ?? invalid("btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.");
}

export function atob(this: unknown, data: string): string {
  needGlobal(this);
  need(arguments.length, 1, "atob");
  return native.atob(toText(data)) ?? invalid("atob() called with invalid base64-encoded data.");
}

function invalid(message: string): never {
  throw new DOMException(message, "InvalidCharacterError");
}

exposeFunctions({ atob, btoa });
