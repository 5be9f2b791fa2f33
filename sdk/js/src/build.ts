/** The privileged `build` binding: makes stored components ready for this host. */
import { native } from "./host";

export interface Prepared {
  component: string;
  kind: "javascript" | "component";
  rebuilt: boolean;
}

export class Build {
  /** Checks that a stored component can run with bindings of the granted kinds; rebuilds one made for another engine. */
  async prepare(component: string, granted: readonly string[], management: boolean): Promise<Prepared> {
    return native.buildPrepare!(component, [...granted], management);
  }
}
