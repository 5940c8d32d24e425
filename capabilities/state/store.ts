import { isDeepStrictEqual } from "node:util";
import { collectionPath, objectKey, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { DEFAULT_FIELD_MANAGER, electFieldManager } from "../release/field-manager";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { Lock, Tracked, Tracking } from "./lock";
import { knownOf, memoryKey, merged, type Memory } from "./memory";
import { newLock } from "./new-lock";
import { ObjectIndex } from "./object-index";
import type { Watching } from "./problems";
import { governing, looksForDrift, modeOf, PLAIN } from "./standing";
import { remind } from "./tracked";

/** The same type, writable for this file only. */
type Writable = { -readonly [Key in keyof Lock]: Lock[Key] };

/** The shared store: what is locked, and which objects that means. Holds a live object only until it was looked at. */
export class Store {
  readonly #locks = new Map<string, Writable>();
  /** By the names of HelmReleases. */
  readonly #asked = new Map<string, Writable>();
  readonly #objects = new ObjectIndex();
  readonly #watching = new Map<string, Watching>();
  #version = 0;

  /** Changes whenever the tracked objects do. */
  get version(): number {
    return this.#version;
  }

  /** Every lock. */
  locks(): Iterable<Lock> {
    return this.#locks.values();
  }

  /** The lock of a release, by its reference or its key; undefined if no HelmRelease names the release. */
  lockOf(release: ReleaseRef | string): Lock | undefined {
    return this.#locks.get(typeof release === "string" ? release : releaseKey(release));
  }

  /** The lock that a HelmRelease asks for. */
  lockFor(helmRelease: string): Lock | undefined {
    return this.#asked.get(helmRelease);
  }

  /** Which locks track an object: none, one, or several that claim it. */
  trackers(kind: Kind, object: KubeObject): Iterable<Tracked> {
    return this.#objects.at(kind, object).filter(tracked => tracked.kind.apiVersion === kind.apiVersion);
  }

  /** Notes which other release has a tracked object, or may have it; undefined if none does. */
  contest(tracked: Tracked, rival: ReleaseRef | undefined): void {
    this.#objects.contest(tracked, rival);
  }

  /** Tracked objects that another release has, or may have: that may change whenever its record or its lock does. */
  contestedBy(rival: ReleaseRef): readonly Tracked[] {
    return this.#objects.contestedBy(rival);
  }

  /** Every tracked object of a collection. */
  trackedIn(collection: string): Tracked[] {
    return [...this.#locks.values()]
      .filter(({ collections }) => collections.has(collection))
      .flatMap(({ objects }) => [...objects.values()])
      .filter(({ kind }) => collectionPath(kind) === collection);
  }

  /** Whether a lock still tracks this object. */
  holds(tracked: Tracked): boolean {
    return tracked.lock.objects.get(objectKey(tracked.kind, tracked.desired)) === tracked;
  }

  /** The state of a collection's watch; undefined if there is none. */
  watching(collection: string): Watching | undefined {
    return this.#watching.get(collection);
  }

  /** Whether every kind of a lock has been listed, or was found impossible to list, so that its objects may be looked at. */
  isSettled(lock: Lock): boolean {
    for (const collection of lock.collections)
      if ((this.#watching.get(collection)?.is ?? "opening") === "opening") return false;
    return true;
  }

  /** Whether the objects of a lock may be looked at: its policy says so, its release is deployed, and all its kinds are listed. */
  isDue(lock: Lock): boolean {
    return lock.phase?.stance === "lock" && looksForDrift(modeOf(lock)) && this.isSettled(lock);
  }

  /** Adds a HelmRelease to the lock of its release, which is created if there is none, or notes what it asks for now. */
  register(helmRelease: string, release: ReleaseRef, standing = PLAIN): Lock {
    const lock: Writable = this.#locks.get(releaseKey(release)) ?? newLock(release);
    this.#locks.set(releaseKey(release), lock);
    this.#asked.set(helmRelease, lock);
    this.#govern(lock, new Map([...lock.helmReleases, [helmRelease, standing]]));
    return lock;
  }

  /** Removes a HelmRelease from a lock; a lock without any is dropped, and its objects stay as they are. */
  unregister(helmRelease: string, lock: Writable): void {
    this.#govern(lock, new Map([...lock.helmReleases].filter(([name]) => name !== helmRelease)));
    if (this.#asked.get(helmRelease) === lock) this.#asked.delete(helmRelease);
    lock.kept.forget(helmRelease);
    if (lock.helmReleases.size > 0 || this.lockOf(lock.release) !== lock) return;
    this.track(lock, { manifest: undefined, objects: [], untracked: [] });
    this.#locks.delete(releaseKey(lock.release));
  }

  /** Notes whether the suspension that the policy asks for holds. */
  suspend(lock: Writable, isSuspended: boolean): void {
    lock.isSuspended = isSuspended;
  }

  /** Notes what the newest record of a lock's release says. */
  load(lock: Writable, { phase, record, seal }: Pick<Lock, "phase" | "record" | "seal">): void {
    if (!isDeepStrictEqual(lock.seal, seal)) lock.changes.note();
    lock.phase = phase;
    lock.record = record;
    lock.seal = seal;
    lock.failure = undefined;
  }

  /** Notes that nothing is known of what a lock tracks, so that nothing is told of it until its record is read again. */
  unread(lock: Writable): void {
    lock.phase = undefined;
  }

  /** Notes that the newest record can't be read now; what it said last remains valid. */
  failToLoad(lock: Writable, error: unknown): void {
    lock.failure = { error };
  }

  /** Notes that what a manifest means on this cluster may have changed: it has to be read again. */
  misread(lock: Writable): void {
    lock.manifest = undefined;
  }

  /** Takes over what an earlier process, or the lock of another HelmRelease, knew; what is known already counts more. */
  recall(lock: Writable, { seal, manager, objects }: Memory): void {
    lock.seal ??= seal;
    lock.formerManager ??= manager;
    if (lock.manifest === undefined) lock.remembered = merged(lock.remembered, objects);
    for (const tracked of lock.objects.values()) {
      const remembered = objects.get(memoryKey(tracked.desired));
      if (remembered) remind(tracked, remembered);
    }
  }

  /** Notes that a release is gone: one of its name begins anew. */
  forget(lock: Writable): void {
    lock.remembered = new Map();
    lock.formerManager = undefined;
    lock.changes.note();
  }

  /** Replaces the objects of a lock, unless it was dropped meanwhile. Keeps what is known of others while they may be in the manifest. */
  track(lock: Writable, { manifest, objects, untracked }: Tracking): void {
    if (this.lockOf(lock.release) !== lock) return;
    lock.changes.note();
    lock.formerManager = lock.manager ?? lock.formerManager;
    lock.remembered =
      manifest === undefined ? merged(knownOf(lock.objects.values()), lock.remembered) : new Map();
    for (const tracked of lock.objects.values()) this.#objects.drop(tracked);
    lock.objects = new Map(objects.map(tracked => [objectKey(tracked.kind, tracked.desired), tracked]));
    lock.collections = new Set(objects.map(({ kind }) => collectionPath(kind)));
    lock.manifest = manifest;
    lock.untracked = untracked;
    lock.manager = undefined;
    for (const tracked of lock.objects.values()) this.#objects.add(tracked);
    this.#version++;
  }

  /** The field manager that Helm writes the objects of a release as: elected by the objects' votes, decided once and remembered. */
  managerOf(lock: Writable): string {
    if (lock.manager !== undefined) return lock.manager;
    const votes = [...lock.objects.values()].flatMap(({ vote }) => vote ?? []);
    const { record, formerManager } = lock;
    if (votes.length > 0) {
      lock.manager = electFieldManager(votes, record?.writers, formerManager);
      lock.changes.note();
    }
    return lock.manager ?? formerManager ?? DEFAULT_FIELD_MANAGER;
  }

  /** Notes since when a lock's release has been in its phase, and whether that is too long. */
  stall(lock: Writable, { since, isStalled }: Pick<Lock, "since" | "isStalled">): void {
    lock.since = since;
    lock.isStalled = isStalled;
  }

  /** Notes what the API server does about a change by hand. */
  admit(lock: Writable, admission: Lock["admission"]): void {
    lock.admission = admission;
  }

  /** Notes what of a lock can't be written. */
  lacks(lock: Writable, { unwritable, accountProblem }: Pick<Lock, "unwritable" | "accountProblem">): void {
    lock.unwritable = unwritable;
    lock.accountProblem = accountProblem;
  }

  /** Notes the state of a collection's watch; undefined if it was closed. */
  watch(collection: string, watching: Watching | undefined): void {
    if (watching) this.#watching.set(collection, watching);
    else this.#watching.delete(collection);
  }

  #govern(lock: Writable, helmReleases: Lock["helmReleases"]): void {
    lock.helmReleases = helmReleases;
    Object.assign(lock, governing(helmReleases));
    lock.changes.note();
  }
}
