/** Before 2025-05-19 `navigator` said nothing of a language: flag `disable_navigator_language`. */
Reflect.deleteProperty((globalThis as unknown as { Navigator: { prototype: object } }).Navigator.prototype, "language");
export {};
