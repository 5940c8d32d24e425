/** After how many milliseconds a progress bar appears. */
const PATIENCE = 1_000;

/** How many characters a full bar has. */
const WIDTH = 30;

/** Takes away the line that the cursor is in. */
const CLEAR = "\r\u{1B}[K";

type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows on a terminal how much is done, once that takes long. */
export class Progress {
  readonly #stream: Terminal;
  #timer: NodeJS.Timeout | undefined;
  #total: number | undefined;
  #done = 0;
  #isDue = false;
  #isShown = false;

  constructor(stream: Terminal) {
    this.#stream = stream;
  }

  /** From now on, nobody else asks the user for something: a login, for one. */
  start(): void {
    if (this.#stream.isTTY !== true) return;
    this.#timer = setTimeout(() => {
      this.#isDue = true;
      this.#draw();
    }, PATIENCE).unref();
  }

  /** So many releases were found. */
  found(total: number): void {
    this.#total = total;
    this.#draw();
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    this.#draw();
  }

  /** Makes room for what is written next: the bar comes back below it, with the next step. */
  clear(): void {
    if (this.#isShown) this.#stream.write(CLEAR);
    this.#isShown = false;
  }

  /** Takes the bar away for good. */
  end(): void {
    clearTimeout(this.#timer);
    this.#isDue = false;
    this.clear();
  }

  #draw(): void {
    if (!this.#isDue) return;
    this.#isShown = true;
    this.#stream.write(`${CLEAR}${this.#text()}`);
  }

  #text(): string {
    if (this.#total === undefined) return "looking for releases …";
    const full = Math.round((WIDTH * this.#done) / this.#total);
    return `[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${this.#done} of ${this.#total} releases`;
  }
}
