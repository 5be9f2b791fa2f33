/** `node:vm`: scripts can be made, as on Cloudflare, so that packages load; there is no other context to run one in. */
import { absent } from "./internal/absent";
import stub from "stub:vm";
export * from "stub:vm";

export class Script {
  runInContext(): never {
    return absent("node:vm", "Script.runInContext");
  }
  runInNewContext(): never {
    return absent("node:vm", "Script.runInNewContext");
  }
  runInThisContext(): never {
    return absent("node:vm", "Script.runInThisContext");
  }
  createCachedData(): never {
    return absent("node:vm", "Script.createCachedData");
  }
}

export const isContext = (): boolean => false;

export default { ...stub, Script, isContext };
