/** The privileged `mail` binding: mail to people. */
import { native } from "./host";

export class Mail {
  /** Plain text, to one address. */
  async send(to: string, subject: string, text: string): Promise<void> {
    native.mailSend!(to, subject, text);
  }
}
