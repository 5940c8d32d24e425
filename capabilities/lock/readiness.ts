import type { Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";
import type { HelmReleases } from "../state/helm-releases";
import type { Store } from "../state/store";
import type { Queue } from "../work/queue";

/** What readiness depends on. */
interface Parts {
  readonly revisions: Revisions;
  readonly helmReleases: HelmReleases;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
}

/** Knows when all that had to be watched at the start is watched. */
export class Readiness {
  readonly #parts: Parts;
  #isReady = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Once true, for good: what can't be watched later is told by the status of what it concerns. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether HelmReleases are still to be registered, or locks to be loaded: what is to be watched may change at once. */
  get isLoading(): boolean {
    const { queue } = this.#parts;
    return queue.isBusyWith("registration") || queue.isBusyWith("release");
  }

  /** Looks whether it is time; to be called whenever something has come about. */
  check(): void {
    const { revisions, helmReleases, store, queue, reporter } = this.#parts;
    if (this.#isReady || !revisions.areComplete || !helmReleases.areListed || this.isLoading) return;
    if (queue.isStruckIn("registration") || queue.isStruckIn("release")) return;
    for (const lock of store.locks()) if (!store.isSettled(lock)) return;
    this.#isReady = true;
    reporter.info("start", "ready");
  }
}
