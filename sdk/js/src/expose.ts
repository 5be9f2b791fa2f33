/** Puts values on the global object as Web IDL lays them out. */

type Prototype = Record<PropertyKey, unknown>;

/** Globals are writable, configurable and not enumerable (Web IDL 3.8). */
export function exposeGlobal(name: string, value: unknown): void {
  // The bundler renames what would hide a global.
  if (typeof value === "function") Object.defineProperty(value, "name", { value: name, configurable: true });
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Operations of the global object: enumerable, and no constructors if written as methods of the object given here (Web IDL 3.7.7). */
export function exposeFunctions(functions: Record<string, (...args: never[]) => unknown>): void {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  }
}

/** Constants stand on the class and on its prototype (Web IDL 3.7.5). */
export function defineConstants(constructor: { prototype: object }, constants: Record<string, number>): void {
  for (const [name, value] of Object.entries(constants)) {
    for (const target of [constructor, constructor.prototype]) Object.defineProperty(target, name, { value, enumerable: true });
  }
}

/** Classes become globals; their members become enumerable and their prototypes get a `Symbol.toStringTag` (Web IDL 3.7). */
export function exposeClasses(classes: Record<string, { prototype: object }>): void {
  for (const [name, constructor] of Object.entries(classes)) {
    shape(name, constructor);
    exposeGlobal(name, constructor);
  }
}

/** The prototypes of all classes that were laid out here. */
export const prototypes = new Set<object>();

/** Is it an instance of a class of the platform, or of a class that extends one? */
export function isPlatformObject(value: object): boolean {
  for (let holder: object | null = value; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) if (prototypes.has(holder)) return true;
  return false;
}

/** As `exposeClasses`, for classes that workers meet but cannot name. */
export function shape(name: string, constructor: { prototype: object }): void {
  prototypes.add(constructor.prototype);
  enumerate(constructor.prototype as Prototype, ["constructor"]);
  enumerate(constructor as unknown as Prototype, ["prototype", "length", "name"]);
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(constructor, "name", { value: name, configurable: true });
}

function enumerate(target: Prototype, hidden: string[]): void {
  for (const key of Object.getOwnPropertyNames(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    if (descriptor?.configurable !== true || hidden.includes(key)) continue;
    // Names that begin with `_` are this prelude's own.
    Object.defineProperty(target, key, { ...descriptor, enumerable: !key.startsWith("_") });
  }
}
