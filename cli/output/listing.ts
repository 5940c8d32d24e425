import Table from "cli-table3";
import { stringify } from "yaml";
import type { Flags } from "../read-flags";
import { writeJson } from "../../capabilities/cluster/json";
import { harmless } from "./values";

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
  readonly #stdout: NodeJS.WritableStream;
  readonly #rows: Row[] = [];
  readonly #names = new Set<string>();

  constructor(shape: Shape<Row>, flags: Pick<Flags, "output" | "headers">, stdout: NodeJS.WritableStream) {
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
    this.#stdout.write(
      tableOf(this.#shape.columns, this.#rows, { isWide: output === "wide", hasHeaders: headers }),
    );
  }

  #addName(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#stdout.write(`${name}\n`);
  }
}

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap(side =>
    ["", "-mid", "-left", "-right"].map(end => [`${side}${end}`, ""]),
  ),
);

/** Rows under their titles, as kubectl writes them. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { isWide, hasHeaders }: { isWide: boolean; hasHeaders: boolean },
): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: "" },
    style: { "padding-left": 0, "padding-right": 3, head: [], border: [], compact: true },
  });
  if (hasHeaders) table.push(columns.map(({ title }) => title));
  for (const row of rows) table.push(columns.map(({ text }) => harmless(text(row, isWide))));
  return `${table.toString().replaceAll(/ +$/gm, "")}\n`;
}
