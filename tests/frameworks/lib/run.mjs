// Commands.
import { spawn } from "node:child_process";

/** Runs a command to its end; answers with what it wrote, and fails with that where the command fails. */
export function run(command, args, { cwd, env = process.env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("exit", (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`\`${command} ${args.join(" ")}\` ended with status ${status}:\n${output}`));
    });
  });
}
