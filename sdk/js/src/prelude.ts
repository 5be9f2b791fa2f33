/**
 * Assembles the prelude: importing a module of `web/` puts its API on the global object. It is evaluated once into the
 * engine's base snapshot, so nothing here may read a clock, draw random numbers or start I/O.
 */
import "./web/errors";
import "./web/function-text";
import "./web/reflect";
import "./web/intl/intl";
import "./web/console";
import "./web/dom-exception";
import "./web/events";
import "./web/event-classes";
import "./web/abort";
import "./web/streams";
import "./web/identity-stream";
import "./web/compression";
import "./web/encoding";
import "./web/base64";
import "./web/url";
import "./web/url-pattern";
import "./web/headers";
import "./web/blob";
import "./web/form-data";
import "./web/request";
import "./web/response";
import "./web/fetch";
import "./web/html-rewriter/html-rewriter";
import "./web/websocket/websocket";
import "./web/websocket/websocket-stream";
import "./web/event-source";
import "./web/timers";
import "./web/performance";
import "./web/structured-clone";
import "./web/streams/transfer";
import "./web/message-port";
import "./web/file-reader";
import "./web/object-url";
import "./web/crypto/crypto";
import "./web/global-scope";
import "./cache";
import { handle, outcome, register, serve, serveCalls, serveFrom, warmUpWith } from "./dispatch";
import { beginEvaluation, endEvaluation } from "./guards";
import { internal } from "./internal";
import type { Prelude } from "./native";
import { rejectionHandled, unhandledRejection } from "./web/rejections";
import { warmUp } from "./warm-up";

warmUp();

export default {
  register,
  beginEvaluation,
  endEvaluation,
  warmUp: warmUpWith,
  unhandledRejection,
  rejectionHandled,
  internal,
  fetch: serve,
  fetchFrom: serveFrom,
  event: handle as Prelude["event"],
  outcome,
  serve: serveCalls,
} satisfies Prelude;
