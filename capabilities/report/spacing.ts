/** Between the first and the second telling of something, and at most, in milliseconds: a status is told within 5 s. */
const LEAST = 1_000;
const MOST = 4_000;

/** What is not told of for so many of its pauses is at rest. */
const REST = 2;

/** Spaces out what is told again and again: the second telling comes after a second, and those after it less and less often. */
export class Spacing {
  /** What was told of, the last at the end: performance.now() then, and how long what goes on waits from then on. */
  readonly #told = new Map<string, { readonly at: number; readonly pause: number }>();

  /** How many milliseconds something that goes on waits for its next telling; 0 if there is nothing to wait for. */
  wait(name: string): number {
    return this.#since(name, this.#told.get(name)?.pause);
  }

  /** The same for what somebody may be waiting for: never longer than a second after the last. */
  waitLeast(name: string): number {
    return this.#since(name, LEAST);
  }

  /** What goes on was told of now. */
  note(name: string): void {
    const last = this.#told.get(name);
    const goesOn = last !== undefined && performance.now() - last.at < REST * last.pause;
    this.#set(name, goesOn ? Math.min(MOST, 2 * last.pause) : LEAST);
  }

  /** Something else of it was told now, and what goes on with it. */
  noteOther(name: string): void {
    this.#set(name, this.#told.get(name)?.pause ?? 0);
  }

  #set(name: string, pause: number): void {
    const now = performance.now();
    this.#told.delete(name);
    this.#told.set(name, { at: now, pause });
    for (const [other, { at }] of this.#told) {
      if (now - at < REST * MOST) break;
      this.#told.delete(other);
    }
  }

  #since(name: string, pause = 0): number {
    return Math.max(0, (this.#told.get(name)?.at ?? -Infinity) + pause - performance.now());
  }
}
