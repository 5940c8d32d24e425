import pico from "picocolors";
import type { Flags } from "../read-flags";
import { jsonLine, yamlDocument } from "./documents";
import { fitting, lineOf, widthsOf } from "./fit";
import { harmless } from "./values";

/** Where tables go; of a terminal it is known how wide it is. */
type Screen = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns">>;

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row, isWide: boolean) => string;
}

/** How rows are shown. */
export interface Shape<Row> {
  readonly columns: readonly Column<Row>[];
  /** What json and yaml show of a row. */
  readonly object: (row: Row) => object;
  /** What -o name shows of a row; the same line is shown once. */
  readonly name: (row: Row) => string;
}

/** Writes rows in the format that was asked for: as they come, where the format allows it. */
export class Listing<Row> {
  readonly #shape: Shape<Row>;
  readonly #flags: Pick<Flags, "output" | "headers">;
  readonly #stdout: Screen;
  readonly #rows: Row[] = [];
  readonly #names = new Set<string>();

  constructor(shape: Shape<Row>, flags: Pick<Flags, "output" | "headers">, stdout: Screen) {
    this.#shape = shape;
    this.#flags = flags;
    this.#stdout = stdout;
  }

  add(row: Row): void {
    const { output } = this.#flags;
    if (output === "json") this.#stdout.write(jsonLine(this.#shape.object(row)));
    else if (output === "name") this.#addName(harmless(this.#shape.name(row)));
    else if (output === "yaml") this.#stdout.write(yamlDocument(this.#shape.object(row)));
    else this.#rows.push(row);
  }

  /** Every row was added. */
  end(): void {
    if (this.#rows.length === 0) return;
    const { output, headers } = this.#flags;
    const isWide = output === "wide";
    const { isTTY = false, columns } = this.#stdout;
    const table = new Table(this.#shape.columns, {
      isWide,
      hasHeaders: headers,
      isBold: isTTY && hasStyles(process.env),
      width: isTTY && !isWide ? columns : undefined,
    });
    this.#stdout.write(textOf(table.lines(this.#rows)));
  }

  #addName(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#stdout.write(`${name}\n`);
  }
}

/** Whether a terminal may be written to in more than plain text. @see https://no-color.org */
function hasStyles({ NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  return (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}

/** How a table is written. */
interface Look {
  readonly isWide: boolean;
  readonly hasHeaders: boolean;
  /** Whether the titles are. @default false */
  readonly isBold?: boolean;
  /** How many characters a line may have; of a terminal of unknown size, 0. @default any number */
  readonly width?: number | undefined;
}

/** Rows under their titles, as kubectl writes them. */
export class Table<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #look: Look;
  #widths: readonly number[] = [];

  constructor(columns: readonly Column<Row>[], look: Look) {
    this.#columns = columns;
    this.#look = look;
  }

  /** The lines of rows, below those before: no column is narrower than it was. */
  lines(rows: readonly Row[]): string[] {
    const { isWide, hasHeaders, isBold = false, width = 0 } = this.#look;
    const hasTitles = hasHeaders && this.#widths.length === 0;
    const titles = hasTitles ? [this.#columns.map(({ title }) => title)] : [];
    const cells = [
      ...titles,
      ...rows.map(row => this.#columns.map(({ text }) => harmless(text(row, isWide)))),
    ];
    this.#widths = widthsOf(cells, this.#widths);
    const widths = width === 0 ? this.#widths : fitting(this.#widths, width);
    return cells.map((row, index) => {
      const line = lineOf(row, widths);
      return hasTitles && isBold && index === 0 ? pico.createColors(true).bold(line) : line;
    });
  }
}

/** Lines as they are written. */
export function textOf(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join("");
}
