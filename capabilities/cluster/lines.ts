import type { Body } from "./exchange";

/** Splits a body into lines; a line may span many chunks, and a chunk may hold many lines. */
export class Lines implements Body<void> {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Passes on each line that the chunk completes. */
  write(chunk: Buffer): void {
    const lines = this.#decoder.decode(chunk, { stream: true }).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      this.#onLine(this.#rest.join("") + line);
      this.#rest = [];
    }
    if (last !== "") this.#rest.push(last);
  }

  /** What follows the last line break is no line. */
  end(): void {
    this.#rest = [];
  }
}
