/**
 * Beside `ouro` for workers with `nodejs_compat`: `"types": ["ouro/node"]`, which brings `ouro`, with `@types/node` installed. Those types describe all of
 * Node.js; docs/guides/nodejs.md says what of it is here.
 */

/// <reference types="node" />
/// <reference path="./index.d.ts" />

// By the first three `@types/node` knows that the web's classes are somebody else's; it takes all of them from there then. None of them is here.
declare var onmessage: undefined;
declare var onabort: undefined;
declare var ReportingObserver: undefined;
declare var BroadcastChannel: undefined;
declare var PerformanceResourceTiming: undefined;
declare var Storage: undefined;
