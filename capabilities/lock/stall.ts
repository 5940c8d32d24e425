import { releaseKey } from "../release/release";
import type { Loaded } from "./loader";
import type { Queue } from "./queue";
import type { Lock } from "./store";

/**
 * Notices Helm operations that do not end: a killed helm leaves its release pending for ever (helm#4558). An alarm is all that is
 * safe, since nobody but a human knows whether it was killed.
 */
export class StallWatch {
  readonly #queue: Queue;
  readonly #after: number;
  readonly #stalled: (lock: Lock) => void;

  /**
   * @param after milliseconds that operations may take
   * @param stalled told of a lock whose release has been in transition for longer
   */
  constructor(queue: Queue, after: number, stalled: (lock: Lock) => void) {
    this.#queue = queue;
    this.#after = after;
    this.#stalled = stalled;
  }

  /** Notes what a load found. */
  note(lock: Lock, { phase, before, isAnother }: Loaded): void {
    if (before?.state === phase.state && !isAnother) return;
    lock.since = Date.now();
    lock.isStalled = false;
    if (phase.state !== "Transitioning") return;
    const { since } = lock;
    const key = `stall ${releaseKey(lock.release)} ${since}`;
    const run = () => {
      lock.isStalled = lock.since === since;
      if (lock.isStalled) this.#stalled(lock);
      return Promise.resolve();
    };
    this.#queue.addAfter({ key, group: key, run, failed: () => undefined }, this.#after);
  }
}
