/** The privileged `domains` binding: whose a domain is. */
import { native } from "./host";

export class Domains {
  /** Whether the operator asks for proof. */
  async required(): Promise<boolean> {
    return native.domainsRequired!();
  }

  /** Looks for the token among the TXT records of `_ouro-challenge.<name>`. */
  async check(name: string, token: string): Promise<void> {
    native.domainsCheck!(name, token);
  }
}
