/** WebSocketError: why a WebSocketStream ended, or is to end. */
import { exposeClasses } from "../../expose";
import { DOMException } from "../dom-exception";
import { enforced, toDictionary, toText, toUsvText } from "../webidl";
import { checkReason, isScriptCode } from "./handshake";
import { type Closing, NO_STATUS } from "./link";

export interface CloseInfo {
  /** Null for none. */
  closeCode?: number | null;
  reason?: string;
}

/** An error of this code and reason, which a script could not give. */
export let errorOf: (message: string, closing: Closing) => WebSocketError;
/** What the reason of an abort or a cancellation says of the close frame. */
export let closingOf: (reason: unknown) => Closing;

export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    errorOf = (message, { code, reason }) => {
      const error = new WebSocketError(message);
      error.#closeCode = code;
      error.#reason = reason;
      return error;
    };
    closingOf = (reason) => {
      if (typeof reason !== "object" || reason === null || !(#reason in reason)) return { code: NO_STATUS, reason: "" };
      return { code: reason.#closeCode ?? NO_STATUS, reason: reason.#reason };
    };
  }

  constructor(message: string | undefined = "", init: CloseInfo | undefined = undefined) {
    super(toText(message), "WebSocketError");
    const { code, reason } = readCloseInfo(init);
    this.#closeCode = code === NO_STATUS ? null : code;
    this.#reason = reason;
  }

  get closeCode(): number | null {
    return this.#closeCode;
  }

  get reason(): string {
    return this.#reason;
  }
}

/** A reason needs a code: 1000 where there is none. */
export function readCloseInfo(info: CloseInfo | undefined): Closing {
  const given = toDictionary(info, "what a WebSocket closes with");
  const { closeCode } = given;
  const code = closeCode === undefined || closeCode === null ? null : enforced(closeCode, 0, 0xffff, "`closeCode`");
  const { reason } = given;
  const text = reason === undefined ? "" : toUsvText(reason);
  if (code !== null && !isScriptCode(code)) throw new DOMException(`Invalid WebSocket close code: ${code}.`, "InvalidAccessError");
  checkReason(text);
  return { code: code ?? (text === "" ? NO_STATUS : 1000), reason: text };
}

exposeClasses({ WebSocketError });
