/** The privileged `secrets` binding: encryption at rest. Nothing opens a sealed value through a binding. */
import { native } from "./host";

export class Secrets {
  async seal(plaintext: string): Promise<string> {
    return native.secretsSeal!(plaintext);
  }
}
