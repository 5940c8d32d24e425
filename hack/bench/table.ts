import type { Row } from "./row";

/** The rows as lines of a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["measure", "target", "figure", "verdict"],
    ...rows.map(({ measure, target = "", figure, isMet }) => [measure, target, figure, verdict(isMet)]),
  ];
  const widths = [0, 1, 2, 3].map(column => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  const lines = cells.map(
    row => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `| ${widths.map(width => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Prints the table. */
export function printTable(rows: readonly Row[]): void {
  process.stdout.write(`\n${tableOf(rows)}\n`);
}

function verdict(isMet: boolean | undefined): string {
  return isMet === undefined ? "" : isMet ? "met" : "missed";
}
