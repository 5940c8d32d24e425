import { cut } from "../../capabilities/report/words";

/** How many characters a column keeps at least. */
const LEAST = 1;

/** How many characters stand between two columns. */
const GAP = 3;

/** What a terminal draws twice as wide as a Latin letter. */
const WIDE =
  /\p{Emoji_Presentation}|[\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303F\uFF01-\uFF60]/gu;

/** What a terminal draws onto the character before. */
const MARKS = /[\p{Mn}\p{Me}]/gu;

/**
 * How wide each column is: as its widest cell.
 *
 * @param before how wide it is at least
 */
export function widthsOf(cells: readonly (readonly string[])[], before: readonly number[] = []): number[] {
  const widths = [...before];
  for (const row of cells)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return widths;
}

/** So narrow that each line of a table fits into a terminal: what is widest is cut first. */
export function fitting(widths: readonly number[], width: number): number[] {
  const fitted = [...widths];
  const space = width - GAP * Math.max(0, fitted.length - 1);
  for (let over = sum(fitted) - space; over > 0; over--) {
    const widest = Math.max(...fitted);
    if (widest <= LEAST) break;
    fitted[fitted.lastIndexOf(widest)] = widest - 1;
  }
  return fitted;
}

/** A line of cells, each cut or padded to its column. */
export function lineOf(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => asWide(cell, widths[column] ?? 0))
    .join(" ".repeat(GAP))
    .trimEnd();
}

function asWide(cell: string, width: number): string {
  const text = widthOf(cell) > width ? cut(cell, width) : cell;
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** How many columns of a terminal a text takes. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  return Array.from(text.replaceAll(MARKS, "").replaceAll(WIDE, "  ")).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
