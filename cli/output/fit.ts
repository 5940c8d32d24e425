import { cut } from "../../capabilities/report/words";

/** How many characters a column keeps at least. */
const LEAST = 1;

/**
 * Cells so short that each line of a table fits into a terminal: what is widest is cut first.
 *
 * @param gap how many characters stand between two columns
 */
export function fitting(cells: readonly (readonly string[])[], width: number, gap: number): string[][] {
  const count = Math.max(0, ...cells.map(row => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...cells.map(row => row[column]?.length ?? 0)),
  );
  const space = width - gap * Math.max(0, count - 1);
  for (let over = sum(widths) - space; over > 0; over--) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return cells.map(row => row.map((cell, column) => cut(cell, widths[column] ?? 0)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
