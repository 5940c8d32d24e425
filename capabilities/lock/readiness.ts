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

/** Knows when everything that had to be watched at startup is watched. */
export class Readiness {
  readonly #parts: Parts;
  #isReady = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Once true, stays true: the status of a release shows what can't be watched later. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether HelmReleases still have to be registered, or locks loaded: what has to be watched may change at any moment. */
  get isLoading(): boolean {
    const { queue } = this.#parts;
    return queue.isBusyWith("registration") || queue.isBusyWith("release");
  }

  /** Checks whether the locker is ready; to be called after every progress. */
  check(): void {
    const { revisions, helmReleases, store, queue, reporter } = this.#parts;
    if (this.#isReady || !revisions.areComplete || !helmReleases.areListed || this.isLoading) return;
    if (queue.isStruckIn("registration") || queue.isStruckIn("release")) return;
    for (const lock of store.locks()) if (!store.isSettled(lock)) return;
    this.#isReady = true;
    reporter.info("ready", {});
  }
}
