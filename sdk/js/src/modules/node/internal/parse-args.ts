/** `util.parseArgs`. */
import { coded } from "./errors";

interface Option {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: unknown;
}

interface Config {
  args?: string[];
  options?: Record<string, Option>;
  strict?: boolean;
  allowPositionals?: boolean;
  allowNegative?: boolean;
}

export function parseArgs(config: Config = {}): { values: Record<string, unknown>; positionals: string[] } {
  const { options = {}, strict = true, allowPositionals = !strict, allowNegative = false } = config;
  const values = Object.create(null) as Record<string, unknown>;
  const positionals: string[] = [];
  const args = [...(config.args ?? [])];

  const store = (name: string, value: unknown): void => {
    if (options[name]?.multiple === true) values[name] = [...((values[name] as unknown[] | undefined) ?? []), value];
    else values[name] = value;
  };
  const take = (name: string, shown: string, inline: string | undefined): void => {
    const option = options[name];
    if (option === undefined && allowNegative && name.startsWith("no-") && options[name.slice(3)]?.type === "boolean") return store(name.slice(3), false);
    if (option === undefined && strict) throw coded(TypeError, "ERR_PARSE_ARGS_UNKNOWN_OPTION", `Unknown option '${shown}'`);
    if (option?.type !== "string") {
      if (inline !== undefined && strict) throw coded(TypeError, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", `Option '${shown}' does not take an argument`);
      return store(name, inline ?? true);
    }
    const value = inline ?? args.shift();
    if (value === undefined && strict) throw coded(TypeError, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", `Option '${shown} <value>' argument missing`);
    store(name, value);
  };
  const short = (letter: string): string => Object.keys(options).find((name) => options[name]!.short === letter) ?? letter;

  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === "--") {
      positionals.push(...args.splice(0));
    } else if (arg.startsWith("--")) {
      const at = arg.indexOf("=");
      take(at < 0 ? arg.slice(2) : arg.slice(2, at), at < 0 ? arg : arg.slice(0, at), at < 0 ? undefined : arg.slice(at + 1));
    } else if (arg.startsWith("-") && arg.length > 1) {
      for (let i = 1; i < arg.length; i++) {
        const name = short(arg[i]!);
        const rest = arg.slice(i + 1);
        if (options[name]?.type === "string" && rest !== "") {
          take(name, `-${arg[i]}`, rest);
          break;
        }
        take(name, `-${arg[i]}`, undefined);
      }
    } else {
      if (!allowPositionals) throw coded(TypeError, "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL", `Unexpected argument '${arg}'. This command does not take positional arguments`);
      positionals.push(arg);
    }
  }
  for (const [name, option] of Object.entries(options)) if (option.default !== undefined && !(name in values)) values[name] = option.default;
  return { values, positionals };
}
