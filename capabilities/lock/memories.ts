import type { PolicySpec } from "../../crds/spec";
import { isRefusal, NotFoundError } from "../cluster/errors";
import { releaseKey, type ReleaseRef } from "../release/release";
import { readHistory } from "../report/history";
import type { Reporter } from "../report/reporter";
import type { HelmReleases } from "../state/helm-releases";
import { groundsOf, isKept } from "../state/kept";
import type { Lock } from "../state/lock";
import { memoryKey, memoryOf, type Memory } from "../state/memory";
import { identityOf, packMemory, unpackMemory } from "../state/packed-memory";
import { toLookAtAll, toRemember } from "../state/requests";
import { isLookedAfter, isShown } from "../state/shown";
import { modeOf } from "../state/standing";
import type { Store } from "../state/store";
import { retell } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";
import type { MemoryStorage } from "./memory-storage";
import { asRead, compared, dueIn, INTERVAL, isStored, type Stored } from "./stored-memory";

/** How many attempts the API server may need to serve a new CRD: a few seconds. */
const EXPECTED_ATTEMPTS = 8;

/** What memories are read and written with. */
interface Parts {
  readonly storage: Pick<MemoryStorage, "recall" | "read" | "write" | "bring">;
  readonly store: Store;
  readonly queue: Pick<Queue, "addNow" | "addAfter">;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly reporter: Pick<Reporter, "troubled" | "status">;
}

/**
 * Keeps what is known of locks beyond the end of the process, in an object beside each HelmRelease: reads it once for each lock, and writes it
 * if it has changed, at most once a second. Only what the first status waits for is written at once, and what was told alone less often.
 */
export class Memories implements Controller {
  readonly #parts: Parts;
  /** By the names of HelmReleases. */
  readonly #stored = new WeakMap<Lock, Map<string, Stored>>();
  /** HelmReleases beside which the last write has failed: their back-off counts. */
  readonly #failing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Gives a lock what is remembered beside its HelmReleases, where that has not happened yet.
   *
   * @throws ApiError with a status of 500 and over, ThrottledError, NetworkError: ask again
   */
  async recall(lock: Lock): Promise<void> {
    const { storage } = this.#parts;
    for (const name of lock.helmReleases.keys())
      if (!this.#stored.get(lock)?.has(name)) this.#learn(lock, name, await storage.recall(name));
  }

  /** @param found what is stored */
  #learn(lock: Lock, name: string, found: unknown): Memory | undefined {
    const stored = this.#stored.get(lock) ?? new Map<string, Stored>();
    this.#stored.set(lock, stored);
    const subject = this.#subject(lock.release, name);
    const memory = subject && unpackMemory(found, subject);
    stored.set(name, asRead(memory && identityOf(packMemory(memory, subject)), lock.changes));
    if (memory) this.#parts.store.recall(lock, memory);
    this.recallHistory(lock, name, memory !== undefined);
    return memory;
  }

  /** Has what is kept beside the HelmReleases of a lock read again: another locker may have written it. */
  read(lock: Lock): void {
    for (const [name, known] of this.#stored.get(lock) ?? []) {
      this.#stored.get(lock)?.set(name, { ...known, isOutdated: true });
      this.#parts.queue.addNow(toRemember(name));
    }
  }

  /** Whether that was not done yet. */
  isBehind(lock: Lock): boolean {
    return [...(this.#stored.get(lock)?.values() ?? [])].some(({ isOutdated }) => isOutdated);
  }

  /**
   * What a HelmRelease asked for when that could be followed last, as far as it is remembered with this release.
   *
   * @throws ApiError with a status of 500 and over, ThrottledError, NetworkError: ask again
   */
  async specOf(name: string, release: ReleaseRef): Promise<PolicySpec | undefined> {
    const subject = this.#subject(release, name);
    const memory = subject && unpackMemory(await this.#parts.storage.recall(name), subject);
    return memory && (memory.policy ?? {});
  }

  /** What is known of a lock may have changed. */
  ask(lock: Lock): void {
    const { queue } = this.#parts;
    for (const name of lock.helmReleases.keys()) {
      const wait = this.#due(lock, name);
      if (wait === undefined) continue;
      if (wait > INTERVAL || this.#failing.has(name)) queue.addAfter(toRemember(name), wait);
      else queue.addNow(toRemember(name));
    }
  }

  /** A HelmRelease no longer asks for a lock: what is beside it may be about another one by the time that it does so again. */
  forget(lock: Lock, name: string): void {
    this.#stored.get(lock)?.delete(name);
    this.#failing.delete(name);
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const { storage, store } = this.#parts;
    const lock = store.lockFor(name);
    if (lock && this.isBehind(lock)) await this.#readAgain(lock, name);
    const retryAfter = lock && this.#due(lock, name);
    if (!lock || retryAfter === undefined) return undefined;
    if (retryAfter > 0) return { retryAfter };
    try {
      await this.#remember(lock, name);
      this.#failing.delete(name);
      return undefined;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await storage.bring();
      if (attempt > EXPECTED_ATTEMPTS) throw error;
      this.#failing.add(name);
      return { retryAfter: untilSomebodyActs(attempt) };
    }
  }

  /** A status does not wait for what is refused. What is likely to heal by itself may fail once. */
  failed({ name }: Request, error: unknown): void {
    const { store, reporter } = this.#parts;
    reporter.troubled("can't remember what HelmRelease {name} locks", { name }, error);
    const isHopeful = !isRefusal(error) && !this.#failing.has(name);
    this.#failing.add(name);
    if (isHopeful) return;
    store.lockFor(name)?.kept.fail(name);
    reporter.status(name);
  }

  /** Writes what was not written yet, as far as that is possible now. */
  async flush(): Promise<void> {
    const all = [...this.#parts.store.locks()].flatMap(lock =>
      [...lock.helmReleases.keys()].map(name =>
        this.#remember(lock, name).catch(() => {
          lock.kept.fail(name);
        }),
      ),
    );
    await Promise.all(all);
  }

  /** What was told of drift is what another locker has told; what it did not tell is looked at. */
  async #readAgain(lock: Lock, name: string): Promise<void> {
    const { storage, store, queue } = this.#parts;
    const memory = this.#learn(lock, name, await storage.read(name));
    for (const tracked of modeOf(lock) === "warn" ? lock.objects.values() : [])
      retell(tracked, memory?.objects.get(memoryKey(tracked.desired))?.told);
    if (store.isDue(lock)) for (const request of toLookAtAll(lock)) queue.addNow(request);
  }

  async #remember(lock: Lock, name: string): Promise<void> {
    if (!this.#isReady(lock)) return;
    const { store, reporter } = this.#parts;
    const [grounds, isWhole] = [groundsOf(lock, name), isShown(lock, store)];
    if (isWhole && isLookedAfter(lock)) store.managerOf(lock);
    if (!(await this.#bringUpToDate(lock, name)) || !isWhole) return;
    const isAwaited = !lock.kept.has(name, grounds);
    lock.kept.note(name, grounds);
    if (isAwaited) reporter.status(name);
  }

  /** @returns false if it is not known what is remembered */
  async #bringUpToDate(lock: Lock, name: string): Promise<boolean> {
    const stored = this.#stored.get(lock);
    const known = stored?.get(name);
    const subject = this.#subject(lock.release, name);
    if (!stored || !known || !subject) return false;
    const { count: changes, told } = lock.changes;
    if (known.changes === changes && known.told === told) return true;
    const begun = compared(known, lock.changes);
    stored.set(name, begun);
    const spec = packMemory(memoryOf(lock, name), subject);
    if (!isStored(spec, known)) await this.#parts.storage.write(name, spec);
    if (stored.get(name) !== begun) return false;
    stored.set(name, { ...begun, identity: identityOf(spec), changes, told });
    return true;
  }

  /** Until it is loaded and its kinds are listed, a lock that is looked after knows less than what is remembered. */
  #isReady(lock: Lock): boolean {
    return lock.phase !== undefined && (!isLookedAfter(lock) || this.#parts.store.isSettled(lock));
  }

  /** Takes over the history in a status, if that was written for the release that is named now. @param isOfRelease whether that is known */
  recallHistory({ history, policy }: Lock, name: string, isOfRelease = false): void {
    const { metadata, status } = this.#parts.helmReleases.get(name) ?? {};
    if (isOfRelease || (status && status.observedGeneration === metadata?.generation))
      history.recall(readHistory(status?.history, history.entries, policy));
  }

  #subject(release: ReleaseRef, name: string) {
    const helmRelease = this.#parts.helmReleases.get(name)?.metadata.uid;
    return helmRelease === undefined ? undefined : { release: releaseKey(release), helmRelease };
  }

  /** After how many milliseconds a memory is to be written; undefined where it holds everything. */
  #due(lock: Lock, name: string): number | undefined {
    // Whether a status waits for what can be remembered now.
    const isAwaited = !isKept(lock, name) && this.#isReady(lock) && isShown(lock, this.#parts.store);
    if (isAwaited && !lock.kept.knows(name)) return 0;
    return dueIn(this.#stored.get(lock)?.get(name), lock.changes, isAwaited);
  }
}
