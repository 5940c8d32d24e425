import type { Flags } from "../read-flags";
import { Listing, tableOf, type Shape } from "./listing";

/** What rows are shown on; of a terminal it is known how much it holds. */
type Screen = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, "isTTY" | "rows" | "columns">>;

/** Shows rows that change: redrawn in place on a terminal; elsewhere, and in formats for programs, each row as it changes. */
export class Live<Row> {
  readonly #shape: Shape<Row>;
  readonly #flags: Pick<Flags, "output" | "headers">;
  readonly #stdout: Screen;
  /** What was shown first: it says how wide the columns are. */
  #first: readonly Row[] | undefined;
  /** What stands on the terminal. */
  #drawn: readonly string[] = [];

  constructor(shape: Shape<Row>, flags: Pick<Flags, "output" | "headers">, stdout: Screen) {
    this.#shape = shape;
    this.#flags = flags;
    this.#stdout = stdout;
  }

  /** Whether what is shown has to be drawn again for the time that goes by. */
  get isDrawn(): boolean {
    return this.#stdout.isTTY === true && this.#isTable();
  }

  /**
   * @param all every row
   * @param changed those that are new, or not as they were shown last
   * @param notes what a terminal shows below
   */
  show(all: readonly Row[], changed: readonly Row[], notes: readonly string[]): void {
    if (this.isDrawn) this.#draw([...this.#textOf(all, this.#flags.headers), ...notes]);
    else if (this.#isTable()) this.#append(changed);
    else for (const row of changed) new Listing(this.#shape, this.#flags, this.#stdout).add(row);
  }

  #isTable(): boolean {
    return this.#flags.output === "table" || this.#flags.output === "wide";
  }

  #append(changed: readonly Row[]): void {
    if (changed.length === 0) return;
    const { headers } = this.#flags;
    if (this.#first) {
      const lines = this.#textOf([...this.#first, ...changed], headers);
      this.#write(lines.slice(-changed.length));
    } else {
      this.#first = changed;
      this.#write(this.#textOf(changed, headers));
    }
  }

  #textOf(rows: readonly Row[], hasHeaders: boolean): string[] {
    if (rows.length === 0) return [];
    const isWide = this.#flags.output === "wide";
    return tableOf(this.#shape.columns, rows, { isWide, hasHeaders }).trimEnd().split("\n");
  }

  #write(lines: readonly string[]): void {
    this.#stdout.write(lines.map(line => `${line}\n`).join(""));
  }

  /** Writes over what stands there, no more than the terminal holds. */
  #draw(lines: readonly string[]): void {
    // A terminal of unknown size calls itself 0 by 0.
    const [height = Infinity, width = Infinity] = [this.#stdout.rows, this.#stdout.columns].map(
      size => size || Infinity,
    );
    const shown =
      lines.length < height
        ? lines
        : [...lines.slice(0, height - 2), `… and ${lines.length - height + 2} more`];
    const fitting = shown.map(line => line.slice(0, width - 1));
    if (fitting.join("\n") === this.#drawn.join("\n")) return;
    const up = this.#drawn.length === 0 ? "" : `\u{1B}[${this.#drawn.length}A`;
    this.#stdout.write(`${up}\u{1B}[J`);
    this.#write(fitting);
    this.#drawn = fitting;
  }
}
