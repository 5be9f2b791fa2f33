// What a run leaves behind: a report as JSON and a table of the documentation.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

export async function writeReport(file, results) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ frameworks: results }, null, 2)}\n`);
}

/** Replaces what stands between `<!-- frameworks -->` and `<!-- /frameworks -->`. */
export async function writeTable(page, results) {
  const [open, close] = ["<!-- frameworks -->\n", "<!-- /frameworks -->"];
  const whole = await readFile(page, "utf8");
  const [begin, end] = [whole.indexOf(open) + open.length, whole.indexOf(close)];
  if (begin < open.length || end < begin) throw new Error(`\`${page}\` has no part \`frameworks\``);
  await writeFile(page, whole.slice(0, begin) + table(results) + whole.slice(end));
}

function table(results) {
  const rows = results.map(({ framework, version, adapter, adapter_version, checks, reason }) => {
    const failed = checks.filter((check) => !check.pass).map((check) => check.name);
    const result = reason ?? (failed.length === 0 ? "pass" : `fails: ${failed.join("; ")}`);
    return `| ${framework} | ${version} | ${adapter} ${adapter_version} | ${checks.length - failed.length} of ${checks.length} | ${oneLine(result)} |\n`;
  });
  return `\n| framework | version | adapter | checks | result |\n|---|---|---|---|---|\n${rows.join("")}\n`;
}

function oneLine(text) {
  return text.split("\n")[0].replaceAll("|", "\\|");
}
