import Table from "cli-table3";
import pico from "picocolors";
import { stringify } from "yaml";
import type { Flags } from "../read-flags";
import { writeJson } from "../../capabilities/cluster/json";
import { fitting } from "./fit";
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
    if (output === "json") this.#stdout.write(`${writeJson(this.#shape.object(row))}\n`);
    else if (output === "name") this.#addName(harmless(this.#shape.name(row)));
    else if (output === "yaml")
      this.#stdout.write(`---\n${stringify(this.#shape.object(row), { lineWidth: 0 })}`);
    else this.#rows.push(row);
  }

  /** Every row was added. */
  end(): void {
    if (this.#rows.length === 0) return;
    const { output, headers } = this.#flags;
    const isWide = output === "wide";
    const { isTTY = false, columns } = this.#stdout;
    this.#stdout.write(
      tableOf(this.#shape.columns, this.#rows, {
        isWide,
        hasHeaders: headers,
        isBold: isTTY && hasStyles(process.env),
        width: isTTY && !isWide ? columns : undefined,
      }),
    );
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

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap(side =>
    ["", "-mid", "-left", "-right"].map(end => [`${side}${end}`, ""]),
  ),
);

/** How many characters stand between two columns. */
const GAP = 3;

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
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { isWide, hasHeaders, isBold = false, width = 0 }: Look,
): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: "" },
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [], compact: true },
  });
  const cells = rows.map(row => columns.map(({ text }) => harmless(text(row, isWide))));
  const all = hasHeaders ? [columns.map(({ title }) => title), ...cells] : cells;
  table.push(...(width === 0 ? all : fitting(all, width, GAP)));
  const lines = table
    .toString()
    .split("\n")
    .map(line => line.trimEnd());
  if (hasHeaders && isBold) lines[0] = pico.createColors(true).bold(lines[0] ?? "");
  return `${lines.join("\n")}\n`;
}
