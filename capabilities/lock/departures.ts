/** Gives each that asks its own time, a while after the one before. */
export class Departures {
  readonly #between: number;
  /** performance.now() of each that has not gone yet. */
  readonly #times = new Map<string, number>();
  #last = -Infinity;

  /** @param between milliseconds */
  constructor(between: number) {
    this.#between = between;
  }

  /** Milliseconds until it is its time. @param now performance.now() */
  wait(name: string, now: number): number {
    const time = this.#times.get(name) ?? Math.max(now, this.#last + this.#between);
    this.#times.set(name, time);
    this.#last = Math.max(this.#last, time);
    return Math.max(0, time - now);
  }

  /** It has gone, or does not want to any more. */
  end(name: string): void {
    this.#times.delete(name);
  }
}
