/** The box that `console.table` draws. */
import { inspect, largest } from "./inspect";

type Row = Record<string, unknown>;

/** Null where the data has no rows: it prints like `console.log`. */
export function table(data: unknown, only?: readonly string[]): string | null {
  if (typeof data !== "object" || data === null) return null;
  const index = data instanceof Map || data instanceof Set ? "(iteration index)" : "(index)";
  const rows = rowsOf(data);
  const columns: string[] = [];
  let hasValues = false;
  for (const [, value] of rows) {
    if (typeof value !== "object" || value === null) hasValues = true;
    else for (const key of Object.keys(value)) if (!columns.includes(key)) columns.push(key);
  }
  const shown = only ?? columns;
  const head = [index, ...shown, ...(hasValues ? ["Values"] : [])];
  return draw(head, rows.map(([key, value]) => [key, ...cells(value, shown, hasValues)]));
}

function rowsOf(data: object): [string, unknown][] {
  if (data instanceof Map) return [...data].map(([key, value], i) => [String(i), { Key: key as unknown, Values: value as unknown }]);
  if (data instanceof Set) return [...data].map((value, i) => [String(i), value]);
  return Object.entries(data);
}

function cells(value: unknown, columns: readonly string[], hasValues: boolean): string[] {
  const isRow = typeof value === "object" && value !== null;
  const row = columns.map((column) => (isRow && column in value ? inspect((value as Row)[column], 0) : ""));
  if (hasValues) row.push(isRow ? "" : inspect(value, 0));
  return row;
}

function draw(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, largest(rows.map((row) => row[column]!.length))) + 2);
  const line = (cells: string[]): string => `│${cells.map((cell, i) => ` ${cell}`.padEnd(widths[i]!)).join("│")}│`;
  const rule = (left: string, middle: string, right: string): string => left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  return [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...rows.map(line), rule("└", "┴", "┘")].join("\n");
}
