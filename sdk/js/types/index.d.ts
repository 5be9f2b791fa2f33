/**
 * Everything that a worker of Ouro finds, and nothing else: `"types": ["ouro"]` and `"lib": ["ES2024"]` in tsconfig.json. It stands alone:
 * neither TypeScript's `DOM` or `WebWorker` nor `@cloudflare/workers-types` can be beside it; docs/guides/types.md says what can.
 *
 * `any` is written only where TypeScript's own web types have it as the default of a type parameter: declarations of one name have to agree.
 */

// What the engine has of ECMAScript; test/surface.test-d.ts says what these libraries have beyond it.
/// <reference lib="es2024" />
/// <reference lib="esnext.array" />
/// <reference lib="esnext.collection" />
/// <reference lib="esnext.disposable" />
/// <reference lib="esnext.float16" />
/// <reference lib="esnext.iterator" />
/// <reference lib="esnext.promise" />

/// <reference path="./ecmascript.d.ts" />
/// <reference path="./events.d.ts" />
/// <reference path="./global-scope.d.ts" />
/// <reference path="./console.d.ts" />
/// <reference path="./streams.d.ts" />
/// <reference path="./encoding.d.ts" />
/// <reference path="./url.d.ts" />
/// <reference path="./blob.d.ts" />
/// <reference path="./fetch.d.ts" />
/// <reference path="./crypto.d.ts" />
/// <reference path="./messaging.d.ts" />
/// <reference path="./performance.d.ts" />
/// <reference path="./html-rewriter.d.ts" />
/// <reference path="./workers.d.ts" />
/// <reference path="./cloudflare.d.ts" />

/** An interface whose constructor throws: it is there for `instanceof` alone. */
type Unconstructible<Instance> = (abstract new (...args: never[]) => Instance) & { prototype: Instance };
