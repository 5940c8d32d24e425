import type { Flags } from "../read-flags";
import { Listing, Table, textOf, type Shape } from "./listing";

/** What rows are shown on; of a terminal it is known how much it holds. */
type Screen = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, "isTTY" | "rows" | "columns">>;

/** Whether rows that change are drawn over what stands there. */
export function isDrawn(flags: Pick<Flags, "output">, { isTTY }: Pick<Screen, "isTTY">): boolean {
  return isTTY === true && isTable(flags);
}

function isTable({ output }: Pick<Flags, "output">): boolean {
  return output === "table" || output === "wide";
}

/** Shows rows that change: redrawn in place on a terminal; elsewhere, and in formats for programs, each row as it changes. */
export class Live<Row> {
  readonly #shape: Shape<Row>;
  readonly #flags: Pick<Flags, "output" | "headers">;
  readonly #stdout: Screen;
  /** What is appended to in a pipe. */
  readonly #table: Table<Row>;
  /** What stands on the terminal. */
  #drawn: readonly string[] = [];

  constructor(shape: Shape<Row>, flags: Pick<Flags, "output" | "headers">, stdout: Screen) {
    this.#shape = shape;
    this.#flags = flags;
    this.#stdout = stdout;
    this.#table = this.#newTable();
  }

  /** Whether what is shown has to be drawn again for the time that goes by. */
  get isDrawn(): boolean {
    return isDrawn(this.#flags, this.#stdout);
  }

  /**
   * @param all every row
   * @param changed those that are new, or not as they were shown last
   * @param notes what a terminal shows below
   */
  show(all: readonly Row[], changed: readonly Row[], notes: readonly string[]): void {
    if (this.isDrawn) this.#draw(all, notes);
    else if (!isTable(this.#flags))
      for (const row of changed) new Listing(this.#shape, this.#flags, this.#stdout).add(row);
    else if (changed.length > 0) this.#stdout.write(textOf(this.#table.lines(changed)));
  }

  #newTable(width?: number): Table<Row> {
    const { output, headers } = this.#flags;
    return new Table(this.#shape.columns, { isWide: output === "wide", hasHeaders: headers, width });
  }

  /** Writes over what stands there, no more than the terminal holds. */
  #draw(rows: readonly Row[], notes: readonly string[]): void {
    // A terminal of unknown size calls itself 0 by 0.
    const [height = Infinity, width = Infinity] = [this.#stdout.rows, this.#stdout.columns].map(
      size => size || Infinity,
    );
    const space = this.#flags.output === "table" && width < Infinity ? width - 1 : undefined;
    const table = rows.length === 0 ? [] : this.#newTable(space).lines(rows.slice(0, height));
    const count = table.length + Math.max(0, rows.length - height) + notes.length;
    const shown =
      count < height
        ? [...table, ...notes]
        : [...[...table, ...notes].slice(0, height - 2), `… and ${count - height + 2} more`];
    const fitting = shown.map(line => line.slice(0, width - 1));
    if (fitting.join("\n") === this.#drawn.join("\n")) return;
    const up = this.#drawn.length === 0 ? "" : `\u{1B}[${this.#drawn.length}A`;
    this.#stdout.write(`${up}\u{1B}[J${textOf(fitting)}`);
    this.#drawn = fitting;
  }
}
