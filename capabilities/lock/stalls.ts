import type { Reporter } from "../report/reporter";
import type { Lock } from "../state/lock";
import type { Loaded } from "../state/news";
import type { Store } from "../state/store";

/**
 * Notices Helm operations that do not end: if helm is killed, its release stays pending forever (helm#4558). Only an
 * alarm is safe, because only a human can know whether helm was killed.
 */
export class Stalls {
  readonly #after: number;
  readonly #store: Store;
  readonly #reporter: Reporter;
  readonly #timers = new WeakMap<Lock, NodeJS.Timeout>();

  /** @param after how many milliseconds operations may take */
  constructor(after: number, { store, reporter }: { store: Store; reporter: Reporter }) {
    this.#after = after;
    this.#store = store;
    this.#reporter = reporter;
  }

  /** Notes what a load has found. */
  note(lock: Lock, { phase, before, isAnother }: Loaded): void {
    if (before?.state === phase.state && !isAnother) return;
    const since = Date.now();
    this.#store.stall(lock, { since, isStalled: false });
    clearTimeout(this.#timers.get(lock));
    if (phase.state !== "Transitioning") return;
    const alarm = () => {
      if (lock.helmReleases.size === 0) return;
      this.#store.stall(lock, { since, isStalled: true });
      this.#reporter.stalled(lock);
    };
    this.#timers.set(lock, setTimeout(alarm, this.#after).unref());
  }
}
