/** Which passwords are taken (NIST SP 800-63B 5.1.1.2: length and known bad ones, no rules of composition). */
import { invalidField } from "../errors.ts";

export const PASSWORD_LENGTH_MIN = 8;
/** The host's limit. */
const PASSWORD_BYTES_MAX = 1024;

/** The most common ones of eight characters and more, in lower case. */
const COMMON: ReadonlySet<string> = new Set(
  `password passw0rd password1 password12 password123 password1234 password! p@ssw0rd p@ssword1 12345678 123456789 1234567890 0123456789 987654321 9876543210 11111111 00000000
  88888888 12341234 123123123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 q1w2e3r4 asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123 abcd1234 abc12345 abcdefgh
  aaaaaaaa iloveyou iloveyou1 sunshine princess football baseball basketball superman trustno1 whatever starwars computer michelle jennifer corvette maverick samantha butterfly
  welcome1 welcome123 admin123 admin1234 administrator changeme changeme1 letmein1 letmein123 default1 internet letmeinnow secret123 monkey123 dragon123 master123 charlie1
  liverpool chelsea1 elizabeth jonathan christian victoria benjamin danielle patricia alexander nicholas mercedes december november september blink182 pokemon1 minecraft`.split(
    /\s+/,
  ),
);

export function checkPassword(field: string, password: string, email: string): void {
  const refuse = (message: string): never => {
    throw invalidField(field, message);
  };
  if ([...password].length < PASSWORD_LENGTH_MIN) refuse(`expected at least ${PASSWORD_LENGTH_MIN} characters`);
  if (new TextEncoder().encode(password).byteLength > PASSWORD_BYTES_MAX) refuse(`expected at most ${PASSWORD_BYTES_MAX} bytes`);
  const lower = password.toLowerCase();
  if (COMMON.has(lower)) refuse("one of the most common passwords: choose another");
  if (lower === email || lower === email.split("@")[0]) refuse("the password is the email: choose another");
}
