/** DOMException (Web IDL 2.8.1): an Error with a name from the table below and its legacy code. */
import { defineConstants, exposeClasses } from "../expose";
import { isObject, toText } from "./webidl";

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

interface State {
  readonly name: string;
  readonly message: string;
}

let stateOf: (error: object) => State;
/** Is it one, whatever its prototype says? */
export let isDomException: (value: object) => value is DOMException;

/** Its constructor gives back the object that it gets, now with the private field: that is how an Error becomes a DOMException. */
class Stamp extends (function (error: object) {
  return error;
} as unknown as new (error: object) => object) {
  readonly #state: State;

  static {
    stateOf = (error) => (error as Stamp).#state;
    isDomException = (value): value is DOMException => #state in value;
  }

  constructor(error: object, state: State) {
    super(error);
    this.#state = state;
  }
}

export interface DOMException extends Error {}

/** Inherits from Error by its prototype alone (Web IDL 3.14.1): `class … extends Error` would make Error the prototype of the class too. */
export class DOMException {
  constructor(message: string | undefined = "", name: string | { name?: string; cause?: unknown } = "Error") {
    const error = Reflect.construct(Error, [], new.target) as Error;
    // As in Node, a cause can be given in place of the name.
    const named = isObject(name) ? (name.name ?? "Error") : name;
    new Stamp(error, { message: toText(message), name: toText(named) });
    if (isObject(name) && "cause" in name) {
      Object.defineProperty(error, "cause", { value: name.cause, writable: true, configurable: true });
    }
    // Only now are its name and message known.
    (Error as unknown as { captureStackTrace?(error: Error, above: unknown): void }).captureStackTrace?.(error, new.target);
    return error as DOMException;
  }

  get name(): string {
    return stateOf(this).name;
  }

  get message(): string {
    return stateOf(this).message;
  }

  get code(): number {
    return CODES[stateOf(this).name] ?? 0;
  }
}
Object.setPrototypeOf(DOMException.prototype, Error.prototype);

/** The legacy constants, in the order of their values. */
const CONSTANTS =
  "INDEX_SIZE DOMSTRING_SIZE HIERARCHY_REQUEST WRONG_DOCUMENT INVALID_CHARACTER NO_DATA_ALLOWED NO_MODIFICATION_ALLOWED NOT_FOUND " +
  "NOT_SUPPORTED INUSE_ATTRIBUTE INVALID_STATE SYNTAX INVALID_MODIFICATION NAMESPACE INVALID_ACCESS VALIDATION TYPE_MISMATCH SECURITY " +
  "NETWORK ABORT URL_MISMATCH QUOTA_EXCEEDED TIMEOUT INVALID_NODE_TYPE DATA_CLONE";
defineConstants(DOMException, Object.fromEntries(CONSTANTS.split(" ").map((name, index) => [`${name}_ERR`, index + 1])));

exposeClasses({ DOMException });
