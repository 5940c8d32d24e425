import { isDeepStrictEqual } from "node:util";
import type { Access } from "../cluster/access";
import { releaseKey } from "../release/release";
import type { Reporter } from "../report/reporter";
import type { Loaded, Loader } from "./loader";
import type { Queue } from "./queue";
import type { Reconciler } from "./reconciler";
import type { Registrar } from "./registrar";
import { IncompleteError, needsAHuman } from "./retry";
import type { StallWatch } from "./stall";
import { objectKey, type Lock, type Store, type Tracked } from "./store";
import type { Watches } from "./watches";
import { unwritable } from "./writable";

/** What a schedule puts to work. */
export interface Parts {
  readonly queue: Queue;
  readonly store: Store;
  readonly registrar: Registrar;
  readonly loader: Loader;
  readonly watches: Watches;
  readonly reconciler: Reconciler;
  readonly access: Access;
  readonly stalls: StallWatch;
  readonly reporter: Reporter;
  /** Whether release records can be read yet: before they are listed, nobody knows which is the newest. */
  readonly mayLoad: () => boolean;
  /** Told whenever something that was pending is done. */
  readonly done: () => void;
}

/** Puts what there is to do into the queue: register a HelmRelease, load a lock, look at an object. */
export class Schedule {
  readonly #parts: Parts;
  /** Registrations and loads that have not run since they were asked for. */
  readonly #pending = new Set<string>();
  /** Those whose last run failed by an outage. */
  readonly #failing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether HelmReleases are still to be registered, or locks to be loaded. */
  get isLoading(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether every one has run, and none has to wait for the end of an outage. */
  get hasLoaded(): boolean {
    return this.#pending.size + this.#failing.size === 0;
  }

  /** Brings the locks in line with a HelmRelease, by name. */
  register(helmRelease: string): void {
    const { queue, registrar, reporter } = this.#parts;
    const key = `helmrelease ${helmRelease}`;
    this.#pending.add(key);
    queue.retryNow(key);
    queue.add({
      key,
      group: key,
      run: () => this.#track(key, registrar.register(helmRelease)),
      failed: error => {
        reporter.troubled("registrar", `can't register HelmRelease ${helmRelease} yet`, error);
      },
    });
  }

  /** Brings a lock in line with its release. */
  load(lock: Lock): void {
    const { queue, reporter, mayLoad } = this.#parts;
    if (!mayLoad()) return;
    const key = `release ${releaseKey(lock.release)}`;
    this.#pending.add(key);
    queue.retryNow(key);
    queue.add({
      key,
      group: key,
      run: () => this.#track(key, this.#load(lock)),
      failed: error => {
        if (error instanceof IncompleteError) return;
        reporter.notLoaded(lock, error);
      },
    });
  }

  /** Looks at every object of a lock that is not known to be right, in Helm's install order. */
  lookAtAll(lock: Lock): void {
    for (const tracked of lock.objects.values()) if (tracked.observed.as !== "right") this.lookAt(tracked);
  }

  /** Reads objects afresh and looks at them: what they are judged by has changed. */
  lookAgainAt(objects: Iterable<Tracked>): void {
    for (const tracked of objects) {
      if (!this.#parts.store.holds(tracked)) continue;
      tracked.observed = { as: "unknown" };
      this.lookAt(tracked);
    }
  }

  /** Looks at an object, if its lock reverts now. */
  lookAt(tracked: Tracked): void {
    const { lock } = tracked;
    const { queue, reporter, reconciler } = this.#parts;
    if (!this.#isDue(tracked)) return;
    queue.add({
      key: taskKey(lock, objectKey(tracked.resource, tracked.desired)),
      group: releaseKey(lock.release),
      run: async () => {
        if (this.#isDue(tracked)) await reconciler.reconcile(tracked);
      },
      failed: error => {
        reporter.failed(tracked, error);
      },
    });
  }

  /** Before all its kinds are listed nothing of a lock is looked at, so that a full pass goes in Helm's install order. */
  #isDue(tracked: Tracked): boolean {
    const { store, watches } = this.#parts;
    const { lock } = tracked;
    return lock.phase?.stance === "lock" && store.holds(tracked) && watches.isSettled(lock);
  }

  async #load(lock: Lock): Promise<void> {
    const { store, loader, stalls, reporter, watches } = this.#parts;
    if (store.lockOf(lock.release) !== lock) return;
    const loaded = await loader.load(lock);
    stalls.note(lock, loaded);
    reporter.loaded(lock, loaded);
    if (isNews(loaded)) this.#endBackOffs(lock);
    if (watches.isSettled(lock)) this.lookAtAll(lock);
    this.#askForRights(lock);
    if (loaded.waiting) throw new IncompleteError();
  }

  /** What was refused may be taken now. */
  #endBackOffs(lock: Lock): void {
    for (const key of lock.objects.keys()) this.#parts.queue.retryNow(taskKey(lock, key));
  }

  /** Finds out what of a lock may not be written, and goes on asking while there is something. */
  #askForRights(lock: Lock): void {
    const { queue, store, access, reporter } = this.#parts;
    const key = `rights ${releaseKey(lock.release)}`;
    queue.add({
      key,
      group: key,
      run: async () => {
        if (lock.phase?.stance !== "lock" || store.lockOf(lock.release) !== lock) return;
        const problems = await unwritable(access, lock.objects.values());
        if (!isDeepStrictEqual(lock.unwritable, problems)) {
          lock.unwritable = problems;
          reporter.statusOf(lock);
        }
        if (problems.size > 0) throw new IncompleteError();
      },
      failed: error => {
        if (error instanceof IncompleteError) return;
        reporter.troubled(
          "rights",
          `can't ask what of release ${releaseKey(lock.release)} may be written`,
          error,
        );
      },
    });
  }

  /** Watches are fitted once nothing more is about to change what they should be: at a start, one list a kind serves every release. */
  async #track(key: string, work: Promise<void>): Promise<void> {
    this.#failing.delete(key);
    try {
      await work;
    } catch (error) {
      if (!needsAHuman(error)) this.#failing.add(key);
      throw error;
    } finally {
      this.#pending.delete(key);
      if (!this.isLoading) this.#parts.watches.sync();
      this.#parts.done();
    }
  }
}

/** Whether a load has found more than what was still missing. */
function isNews({ isAnother, before, phase }: Loaded): boolean {
  return isAnother || before?.stance !== phase.stance;
}

function taskKey(lock: Lock, object: string): string {
  return `object ${releaseKey(lock.release)} ${object}`;
}
