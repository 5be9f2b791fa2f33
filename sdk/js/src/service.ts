/** The `service` binding: another worker, for requests and for calls of its methods. */
import { shape } from "./expose";
import { native } from "./host";
import { callService } from "./rpc/session";
import { isOfEveryObject, member } from "./rpc/stubs";
import { fetchThrough } from "./web/fetch";
import type { RequestInfo, RequestInit } from "./web/request";
import type { Response } from "./web/response";

export class Fetcher {
  declare readonly _service: ReturnType<typeof native.service>;

  constructor(name: string, own: boolean) {
    Object.defineProperty(this, "_service", { value: native.service(name, own) });
  }

  /** The host of the URL is for the worker to see; it chooses nothing. */
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    return fetchThrough(this._service, input, init);
  }

  connect(): never {
    throw new Error("`connect` of a service binding is not available: workers do not serve TCP");
  }
}

shape("Fetcher", Fetcher);

/** A Fetcher on which every other name is a method of the worker's entrypoint. */
export function serviceBinding(name: string, own = false): object {
  const fetcher = new Fetcher(name, own);
  return new Proxy(fetcher, {
    get(target, key) {
      if (key === "fetch" || key === "connect") return target[key].bind(target);
      if (key === Symbol.toStringTag || (typeof key === "string" && isOfEveryObject(key))) return Reflect.get(target, key) as unknown;
      // It is no promise, and has nothing to be disposed.
      if (typeof key === "symbol" || key === "then") return undefined;
      if (key === "constructor") return Fetcher;
      return member((path, args) => callService(target._service, path, args), [key]);
    },
  });
}
