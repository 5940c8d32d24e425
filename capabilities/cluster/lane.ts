/**
 * Lets only a few run at a time. Whoever takes long makes way for the next, and goes on beside it: what never ends can't
 * hold up what would.
 */
export class Lane {
  readonly #patience: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /**
   * @param width how many run at a time
   * @param patience milliseconds after which one makes way
   */
  constructor(width: number, patience: number) {
    this.#free = width;
    this.#patience = patience;
  }

  /** Does some work when its turn comes. @returns what the work does, or throws what it throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    let isIn = true;
    const leave = () => {
      if (isIn) this.#leave();
      isIn = false;
    };
    const timer = setTimeout(leave, this.#patience);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve);
      });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
