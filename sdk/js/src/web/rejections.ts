/** Promises that nobody handles (HTML 8.1.4.7): `unhandledrejection`, and `rejectionhandled` for those that somebody handles later. */
import { native } from "../host";
import { PromiseRejectionEvent } from "./event-classes";
import { fire } from "./events";

/** Promises whose rejection was told. */
const told = new WeakSet<object>();

export function unhandledRejection(promise: object, reason: unknown): boolean {
  if (native.building()) return false;
  told.add(promise);
  return !fire(globalThis, new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true }));
}

export function rejectionHandled(promise: object, reason: unknown): boolean {
  if (told.delete(promise)) fire(globalThis, new PromiseRejectionEvent("rejectionhandled", { promise, reason }));
  return true;
}
