/** After how many milliseconds a progress bar appears. */
const PATIENCE = 1_000;

/** How many characters a full bar has. */
const WIDTH = 30;

/** Shows on a terminal how much is done, once that takes long. */
export class Progress {
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #since = performance.now();
  #done = 0;
  #isShown = false;

  constructor(total: number, stream: NodeJS.WriteStream) {
    this.#total = total;
    this.#stream = stream;
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    if (!this.#stream.isTTY || performance.now() - this.#since < PATIENCE) return;
    const full = Math.round((WIDTH * this.#done) / this.#total);
    this.#isShown = true;
    this.#stream.write(
      `\r[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${this.#done} of ${this.#total} releases`,
    );
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isShown) this.#stream.write("\r\u{1B}[K");
  }
}
