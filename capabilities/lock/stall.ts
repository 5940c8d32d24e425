import type { Loaded } from "./loader";
import type { Lock } from "./store";

/**
 * Notices Helm operations that do not end: a killed helm leaves its release pending for ever (helm#4558). An alarm is all that is
 * safe, since nobody but a human knows whether it was killed.
 */
export class StallWatch {
  readonly #after: number;
  readonly #stalled: (lock: Lock) => void;
  readonly #timers = new WeakMap<Lock, NodeJS.Timeout>();

  /**
   * @param after milliseconds that operations may take
   * @param stalled told of a lock whose release has been in transition for longer
   */
  constructor(after: number, stalled: (lock: Lock) => void) {
    this.#after = after;
    this.#stalled = stalled;
  }

  /** Notes what a load found. */
  note(lock: Lock, { phase, before, isAnother }: Loaded): void {
    if (before?.state === phase.state && !isAnother) return;
    lock.since = Date.now();
    lock.isStalled = false;
    clearTimeout(this.#timers.get(lock));
    if (phase.state !== "Transitioning") return;
    const alarm = () => {
      if (lock.helmReleases.size === 0) return;
      lock.isStalled = true;
      this.#stalled(lock);
    };
    this.#timers.set(lock, setTimeout(alarm, this.#after).unref());
  }
}
