/** DOMException (Web IDL 2.8.1): an Error with a name from the table below and its legacy code. */
import { exposeClasses } from "../expose";

const CODES: Record<string, number> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

export class DOMException extends Error {
  declare readonly code: number;

  constructor(message = "", name: string | { name?: string; cause?: unknown } = "Error") {
    super(String(message));
    const given = typeof name === "object" ? (name.name ?? "Error") : String(name);
    hide(this, "name", given);
    hide(this, "code", CODES[given] ?? 0);
    if (typeof name === "object" && "cause" in name) hide(this, "cause", name.cause);
  }
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}

/** The legacy constants, in the order of their values. */
const CONSTANTS =
  "INDEX_SIZE DOMSTRING_SIZE HIERARCHY_REQUEST WRONG_DOCUMENT INVALID_CHARACTER NO_DATA_ALLOWED NO_MODIFICATION_ALLOWED NOT_FOUND " +
  "NOT_SUPPORTED INUSE_ATTRIBUTE INVALID_STATE SYNTAX INVALID_MODIFICATION NAMESPACE INVALID_ACCESS VALIDATION TYPE_MISMATCH SECURITY " +
  "NETWORK ABORT URL_MISMATCH QUOTA_EXCEEDED TIMEOUT INVALID_NODE_TYPE DATA_CLONE";
for (const [index, name] of CONSTANTS.split(" ").entries()) {
  for (const target of [DOMException, DOMException.prototype]) Object.defineProperty(target, `${name}_ERR`, { value: index + 1, enumerable: true });
}

exposeClasses({ DOMException });
