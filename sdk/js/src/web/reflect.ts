/** `Reflect.set` through a receiver of null, which the engine refuses where ECMAScript calls the setter (ECMA-262 10.1.9.2). */
import { isObject } from "./webidl";

const { set } = Reflect;

const members = {
  set(target: object, key: PropertyKey, value: unknown, receiver: unknown = target): boolean {
    return receiver === null ? setThroughNull(target, key, value) : set(target, key, value, receiver);
  },
};

function setThroughNull(target: object, key: PropertyKey, value: unknown): boolean {
  if (!isObject(target)) throw new TypeError("not an object");
  for (let holder: object | null = target; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
    const found = Reflect.getOwnPropertyDescriptor(holder, key);
    if (found === undefined) continue;
    found.set?.call(null, value);
    return found.set !== undefined;
  }
  return false;
}

Object.defineProperty(Reflect, "set", { value: members.set, writable: true, configurable: true });
