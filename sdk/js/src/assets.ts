/** The `assets` binding: the static files of the version, as a fetcher. */
import { shape } from "./expose";
import { native } from "./host";
import { Request, type RequestInfo, type RequestInit } from "./web/request";
import { fetchedResponse, type Response } from "./web/response";

export class Assets {
  declare _name: string;

  constructor(name: string) {
    this._name = name;
  }

  /** The host of the URL does not matter; the path and the conditional and range headers do. */
  async fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init);
    const url = native.parseUrl(request.url);
    const response = native.assetsFetch(this._name, request.method, url.pathname + url.search, request.headers._list);
    return fetchedResponse(response, response.body, request.url, false);
  }
}

shape("Fetcher", Assets);
