import { memoryCrd } from "../../crds/memory";
import type { PolicySpec } from "../../crds/spec";
import { bring } from "../cluster/bring";
import { isRefusal, NotFoundError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { DEFINITIONS } from "../kube/kinds";
import { releaseKey, type ReleaseRef } from "../release/release";
import { readHistory } from "../report/history";
import type { Reporter } from "../report/reporter";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import type { Lock } from "../state/lock";
import { groundsOf } from "../state/kept";
import { memoryOf } from "../state/memory";
import { MEMORIES, packMemory, unpackMemory, type MemorySpec } from "../state/packed-memory";
import { toRemember } from "../state/requests";
import { isLookedAfter, isShown } from "../state/shown";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";

/** Least time between two writes of one memory, in milliseconds. */
const INTERVAL = 1_000;

/** How many attempts the API server may need to serve a new CRD: a few seconds. */
const EXPECTED_ATTEMPTS = 8;

/** What memories are read and written with. */
interface Parts {
  readonly cluster: Cluster;
  readonly store: Store;
  readonly queue: Queue;
  readonly helmReleases: HelmReleases;
  readonly reporter: Reporter;
}

/** What the API server holds, as far as this process knows. */
interface Stored {
  readonly checksum: string | undefined;
  /** How many changes of the lock it holds; undefined before it was compared with what is known. */
  readonly changes: number | undefined;
  /** performance.now() when it was last compared with what is known. */
  readonly at: number;
}

const NEVER = { changes: undefined, at: -Infinity };

/**
 * Keeps what is known of locks beyond the end of the process, in an object beside each HelmRelease: reads it once for each lock, and writes it
 * if it has changed, at most once a second. Only what a status waits for is written at once.
 */
export class Memories implements Controller {
  readonly #parts: Parts;
  /** By the names of HelmReleases. */
  readonly #stored = new WeakMap<Lock, Map<string, Stored>>();
  /** Whether their kind is served, as far as is known: a new one takes a moment. */
  #isServed = true;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Gives a lock what is remembered beside its HelmReleases, where that has not happened yet.
   *
   * @throws ApiError with a status of 500 and over, ThrottledError, NetworkError: ask again
   */
  async recall(lock: Lock): Promise<void> {
    const stored = this.#stored.get(lock) ?? new Map<string, Stored>();
    this.#stored.set(lock, stored);
    for (const name of lock.helmReleases.keys()) {
      if (stored.has(name)) continue;
      const subject = this.#subject(lock.release, name);
      const memory = subject && unpackMemory(await this.#read(name), subject);
      stored.set(name, { checksum: memory && packMemory(memory, subject).checksum, ...NEVER });
      if (memory) this.#parts.store.recall(lock, memory);
      this.#recallHistory(lock, name, memory !== undefined);
    }
  }

  /**
   * What a HelmRelease asked for when that could be followed last, as far as it is remembered with this release.
   *
   * @throws ApiError with a status of 500 and over, ThrottledError, NetworkError: ask again
   */
  async specOf(name: string, release: ReleaseRef): Promise<PolicySpec | undefined> {
    const subject = this.#subject(release, name);
    const memory = subject && unpackMemory(await this.#read(name), subject);
    return memory && (memory.policy ?? {});
  }

  /** What is known of a lock may have changed. */
  ask(lock: Lock): void {
    const { queue } = this.#parts;
    for (const name of lock.helmReleases.keys())
      if (this.#isServed && this.#isAwaited(lock, name)) queue.addNow(toRemember(name));
      else if (this.#stored.get(lock)?.get(name)?.changes !== lock.changes.count)
        queue.addAfter(toRemember(name), this.#pause(lock, name));
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const { cluster, store } = this.#parts;
    const lock = store.lockFor(name);
    if (!lock) return undefined;
    const retryAfter = this.#isAwaited(lock, name) ? 0 : this.#pause(lock, name);
    if (retryAfter > 0) return { retryAfter };
    try {
      await this.#remember(lock, name);
      this.#isServed = true;
      return undefined;
    } catch (error) {
      this.#isServed = !(error instanceof NotFoundError);
      if (this.#isServed) throw error;
      await bring(cluster, DEFINITIONS, memoryCrd);
      if (attempt > EXPECTED_ATTEMPTS) throw error;
      return { retryAfter: untilSomebodyActs(attempt) };
    }
  }

  failed({ name }: Request, error: unknown): void {
    const { store, reporter } = this.#parts;
    reporter.troubled("memory", `can't remember what HelmRelease ${name} locks`, error);
    store.lockFor(name)?.kept.fail(name);
    reporter.status(name);
  }

  /** Writes what was not written yet, as far as that is possible now. */
  async flush(): Promise<void> {
    const all = [...this.#parts.store.locks()].flatMap(lock =>
      [...lock.helmReleases.keys()].map(name => this.#remember(lock, name)),
    );
    await Promise.allSettled(all);
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
    const changes = lock.changes.count;
    if (known.changes === changes) return true;
    const at = performance.now();
    stored.set(name, { ...known, at });
    const spec = packMemory(memoryOf(lock, name), subject);
    if (!isStored(spec, known.checksum)) await this.#write(name, spec, subject.helmRelease);
    stored.set(name, { checksum: spec.checksum, changes, at });
    return true;
  }

  /** Until it is loaded and its kinds are listed, a lock that is looked after knows less than what is remembered. */
  #isReady(lock: Lock): boolean {
    return lock.phase !== undefined && (!isLookedAfter(lock) || this.#parts.store.isSettled(lock));
  }

  /** Whether a status waits for what can be remembered now. */
  #isAwaited(lock: Lock, name: string): boolean {
    return (
      !lock.kept.has(name, groundsOf(lock, name)) && this.#isReady(lock) && isShown(lock, this.#parts.store)
    );
  }

  async #write(name: string, spec: MemorySpec, uid: string): Promise<void> {
    const { cluster, helmReleases } = this.#parts;
    const { apiVersion, kind } = MEMORIES;
    const owner = { apiVersion: HELM_RELEASES.apiVersion, kind: HELM_RELEASES.kind, name, uid };
    const namespace = helmReleases.get(name)?.metadata.namespace;
    const memory = { apiVersion, kind, metadata: { name, namespace, ownerReferences: [owner] }, spec };
    await cluster.K8s(MEMORIES).Apply(memory, { fieldManager: "helm-locker", force: true });
  }

  /** What may not be read is as good as nothing. */
  async #read(name: string): Promise<unknown> {
    const { cluster, helmReleases, reporter } = this.#parts;
    const namespace = helmReleases.get(name)?.metadata.namespace;
    try {
      return await ifThere(cluster.K8s(MEMORIES).InNamespace(namespace).Get(name));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      reporter.troubled("memory", `can't recall what HelmRelease ${name} locked`, error);
      return undefined;
    }
  }

  /** A status tells of the release that it was written for: the one that is named now, as far as that is known. */
  #recallHistory({ history }: Lock, name: string, isOfRelease: boolean): void {
    const { metadata, status } = this.#parts.helmReleases.get(name) ?? {};
    if (isOfRelease || (status && status.observedGeneration === metadata?.generation))
      history.recall(readHistory(status?.history));
  }

  #subject(release: ReleaseRef, name: string) {
    const helmRelease = this.#parts.helmReleases.get(name)?.metadata.uid;
    return helmRelease === undefined ? undefined : { release: releaseKey(release), helmRelease };
  }

  #pause(lock: Lock, name: string): number {
    const at = this.#stored.get(lock)?.get(name)?.at ?? -Infinity;
    return Math.max(0, at + INTERVAL - performance.now());
  }
}

/** Where there is nothing to remember, no memory says as much. */
function isStored({ checksum, record, policy, objects }: MemorySpec, stored: string | undefined): boolean {
  return stored === undefined
    ? record === undefined && policy === undefined && objects === ""
    : stored === checksum;
}
