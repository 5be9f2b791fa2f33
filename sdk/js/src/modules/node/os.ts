/** `node:os`: what a worker may know of the machine, which is nothing. */
import { absent } from "./internal/absent";

export const EOL = "\n";
export const devNull = "/dev/null";
export const arch = (): string => "x64";
export const platform = (): string => "linux";
export const type = (): string => "Linux";
export const release = (): string => "";
export const version = (): string => "";
export const machine = (): string => "x86_64";
export const hostname = (): string => "localhost";
export const homedir = (): string => "/tmp";
export const tmpdir = (): string => "/tmp";
export const endianness = (): string => "LE";
export const uptime = (): number => 0;
export const loadavg = (): number[] => [0, 0, 0];
export const totalmem = (): number => 0;
export const freemem = (): number => 0;
export const availableParallelism = (): number => 1;
export const cpus = (): object[] => [];
export const networkInterfaces = (): object => ({});
export const userInfo = (): object => ({ uid: -1, gid: -1, username: "", homedir: "/tmp", shell: null });
export const getPriority = (): number => 0;
export const setPriority = (): never => absent("node:os", "setPriority");
const signals = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGABRT: 6, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15 };
export const constants = { signals, errno: {}, priority: { PRIORITY_LOW: 19, PRIORITY_NORMAL: 0, PRIORITY_HIGH: -14 }, dlopen: {}, UV_UDP_REUSEADDR: 4 };

export default {
  EOL, devNull, arch, platform, type, release, version, machine, hostname, homedir, tmpdir, endianness, uptime, loadavg, totalmem, freemem, availableParallelism, cpus, networkInterfaces, userInfo,
  getPriority, setPriority, constants,
};
