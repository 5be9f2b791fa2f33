// Writes the table of docs/guides/nodejs.md from src/modules/node/support.json; with `--check` it only says whether the table is up to date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stubNames } from "./stubs.js";

const GUIDE = "../../docs/guides/nodejs.md";
const [BEGIN, END] = ["<!-- modules: made by `npm run docs` in sdk/js -->\n", "<!-- end -->"];

const support = JSON.parse(readFileSync("src/modules/node/support.json", "utf8"));
const own = readdirSync("src/modules/node", { recursive: true })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.includes("internal"))
  .map((path) => path.replace(/\.ts$/, ""));
const [missing, absent] = [own.filter((name) => !(name in support)), Object.keys(support).filter((name) => !own.includes(name))];
if (missing.length + absent.length > 0) throw new Error(`src/modules/node/support.json lacks [${missing}] and names [${absent}] in vain`);

const rows = Object.entries(support).map(([name, [kind, note]]) => `| \`node:${name}\` | ${kind} | ${note} |`);
const stubs = stubNames.filter((name) => !(name in support)).map((name) => `\`${name}\``);
const table = ["| Module | Is | Remarks |", "|---|---|---|", ...rows, `| ${stubs.join(", ")} | stub | what they export throws when it is called |`].join("\n");

const guide = readFileSync(GUIDE, "utf8");
const [from, to] = [guide.indexOf(BEGIN) + BEGIN.length, guide.indexOf(END)];
const written = `${guide.slice(0, from)}\n${table}\n\n${guide.slice(to)}`;
if (!process.argv.includes("--check")) writeFileSync(GUIDE, written);
else if (written !== guide) throw new Error(`the table of ${GUIDE} is out of date: npm run docs`);
