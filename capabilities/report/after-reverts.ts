import type { Queue } from "../work/queue";

/** How often what waits looks whether its turn has come, and how long it waits at most, in milliseconds. */
const PAUSE = 200;
const MOST = 15_000;

/** Lets what nobody waits for wait until nothing is left to be reverted. */
export class AfterReverts {
  readonly #queue: Pick<Queue, "isBusyWith">;
  /** performance.now() since when something has been waiting, by its name. */
  readonly #since = new Map<string, number>();

  constructor(queue: Pick<Queue, "isBusyWith">) {
    this.#queue = queue;
  }

  /** How many milliseconds something has to wait longer; 0 once it may run. */
  wait(name: string): number {
    const now = performance.now();
    const since = this.#since.get(name) ?? now;
    const isDue = !this.#queue.isBusyWith("object") || now - since >= MOST;
    if (isDue) this.end(name);
    else this.#since.set(name, since);
    return isDue ? 0 : PAUSE;
  }

  /** Ends a wait: what waits next has its own. */
  end(name: string): void {
    this.#since.delete(name);
  }
}
