/** Between the first and the second telling of something, and at most, in milliseconds. */
const LEAST = 1_000;
const MOST = 5_000;

/** After how many pauses without a telling something counts as quiet. */
const QUIET = 2;

/** Spaces out what is told again and again: the first after a rest at once, the next after a second, and then less and less often. */
export class Spacing {
  /** What was told of, the last at the end: performance.now() then, and how long the next telling waits. */
  readonly #told = new Map<string, { readonly at: number; readonly pause: number }>();

  /** How many milliseconds something that goes on waits for its next telling; 0 if there is nothing to wait for. */
  wait(name: string): number {
    return this.#since(name, this.#told.get(name)?.pause);
  }

  /** The same for what somebody may be waiting for: never longer than a second after the last. */
  waitLeast(name: string): number {
    return this.#since(name, LEAST);
  }

  /** It is told now. */
  note(name: string): void {
    const now = performance.now();
    const last = this.#told.get(name);
    const goesOn = last !== undefined && now - last.at < QUIET * last.pause;
    this.#told.delete(name);
    this.#told.set(name, { at: now, pause: goesOn ? Math.min(MOST, 2 * last.pause) : LEAST });
    for (const [other, { at }] of this.#told) {
      if (now - at < QUIET * MOST) break;
      this.#told.delete(other);
    }
  }

  #since(name: string, pause = 0): number {
    return Math.max(0, (this.#told.get(name)?.at ?? -Infinity) + pause - performance.now());
  }
}
