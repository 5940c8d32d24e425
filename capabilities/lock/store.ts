import { isOlder, stateOf } from "../cluster/objects";
import { collectionPath, type Resource } from "../cluster/resources";
import type { KubeObject } from "../release/object";
import { DEFAULT_FIELD_MANAGER, electFieldManager, fieldManagerVote, isOwnedBy } from "../release/ownership";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";
import type { Known, Observed } from "./drift";
import { isFinished } from "./creation";
import type { Phase } from "./phase";

/** One object that a locked release tracks. */
export interface Tracked {
  readonly lock: Lock;
  readonly resource: Resource;
  /** With namespace and Helm's ownership metadata. */
  readonly desired: KubeObject;
  observed: Observed;
  /** The newest resourceVersion known of it; what is older is no news. */
  resourceVersion: string | undefined;
  /** What the server makes of the desired object by itself; undefined before it was verified once. */
  known: Known | undefined;
  /** Whether the server takes it by server-side apply; not so once it refused that with a SchemaError. */
  isApplicable: boolean;
  /** Whether it was seen live under this release since it is locked. */
  wasSeen: boolean;
  /** Whether it had run to its end when last seen, as a Job or Pod does; undefined before it was seen. */
  isFinished: boolean | undefined;
  /** The release that it names as its owner, where that was found to be another one. */
  rival: ReleaseRef | undefined;
  /** Who wrote Helm's ownership metadata on it, as first seen: its vote for the release's field manager. */
  vote: string | undefined;
  /** Why it can't be put right, in words for the user. */
  problem: string | undefined;
}

/** What is known of a release that at least one HelmRelease names. */
export interface Lock {
  readonly release: ReleaseRef;
  /** Names of the HelmReleases that ask for it. */
  readonly helmReleases: Set<string>;
  /** Whether one of its HelmReleases allows what is not safe to create. */
  allowsCreate: boolean;
  /** What its newest record means; undefined before it was read. */
  phase: Phase | undefined;
  /** Since when its newest record has been in this phase, in milliseconds since 1970; as far as this process has seen. */
  since: number;
  /** Whether a Helm operation has been under way for longer than operations take. */
  isStalled: boolean;
  /** The newest record, as it was last read. */
  record: HeldRecord | undefined;
  /** Digest of the manifest that all objects come from; undefined while some kinds are not served. */
  manifest: string | undefined;
  /** The manifest that was locked last: the digest that a record of this uid has to keep. */
  seal: { readonly uid: string; readonly digest: string } | undefined;
  /** By object key, in Helm's install order. */
  objects: Map<string, Tracked>;
  /** The collections that its objects are in, by path. */
  collections: ReadonlySet<string>;
  /** Why a collection can't be watched, by its path. */
  readonly unwatched: Map<string, string>;
  /** Why the objects in a collection can't be put right, by its path. */
  unwritable: ReadonlyMap<string, string>;
  /** Why its newest record can't be read for now; undefined where it can. */
  failure: string | undefined;
  /** What of the manifest can't be tracked, and why. */
  problems: string[];
  /** The field manager that Helm writes this release's objects as; elected once they have been seen. */
  manager: string | undefined;
}

/** The newest record as it was last read, without its payload. */
export interface HeldRecord extends RecordState {
  readonly description: string;
  readonly notes: string;
}

/** The shared store: what is locked, and which objects that means. Holds no live object longer than it is looked at. */
export class Store {
  readonly #locks = new Map<string, Lock>();
  readonly #objects = new Map<string, Set<Tracked>>();

  /** Every lock. */
  locks(): Iterable<Lock> {
    return this.#locks.values();
  }

  /** The lock of a release; undefined where no HelmRelease names it. */
  lockOf(release: ReleaseRef): Lock | undefined {
    return this.#locks.get(releaseKey(release));
  }

  /** The lock that a HelmRelease asks for. */
  lockFor(helmRelease: string): Lock | undefined {
    for (const lock of this.#locks.values()) if (lock.helmReleases.has(helmRelease)) return lock;
    return undefined;
  }

  /** Adds a HelmRelease to the lock of its release, which is made where there is none. */
  register(helmRelease: string, release: ReleaseRef): Lock {
    const lock = this.lockOf(release) ?? newLock(release);
    this.#locks.set(releaseKey(release), lock);
    lock.helmReleases.add(helmRelease);
    return lock;
  }

  /** Takes a HelmRelease from a lock; a lock without any is dropped, its objects are left as they are. */
  unregister(helmRelease: string, lock: Lock): void {
    lock.helmReleases.delete(helmRelease);
    if (lock.helmReleases.size > 0 || this.lockOf(lock.release) !== lock) return;
    this.track(lock, []);
    this.#locks.delete(releaseKey(lock.release));
  }

  /** Replaces the objects of a lock. One that was dropped meanwhile tracks nothing any more. */
  track(lock: Lock, objects: readonly Tracked[]): void {
    if (this.lockOf(lock.release) !== lock) return;
    for (const [key, tracked] of lock.objects) this.#forget(key, tracked);
    lock.objects = new Map(objects.map(tracked => [objectKey(tracked.resource, tracked.desired), tracked]));
    lock.collections = new Set(objects.map(({ resource }) => collectionPath(resource)));
    for (const [key, tracked] of lock.objects) {
      const sharing = this.#objects.get(key);
      if (sharing) sharing.add(tracked);
      else this.#objects.set(key, new Set([tracked]));
    }
  }

  /** Who tracks an object: none, one, or several locks that claim it. */
  trackers(resource: Resource, object: KubeObject): Iterable<Tracked> {
    return this.#objects.get(objectKey(resource, object)) ?? [];
  }

  /** What carries another release's name: whose it is may change whenever that release's record does. */
  contestedBy(rival: ReleaseRef): Tracked[] {
    const key = releaseKey(rival);
    const all = [...this.#locks.values()].flatMap(({ objects }) => [...objects.values()]);
    return all.filter(({ rival }) => rival !== undefined && releaseKey(rival) === key);
  }

  /** Whether a lock still tracks this object. */
  holds(tracked: Tracked): boolean {
    return tracked.lock.objects.get(objectKey(tracked.resource, tracked.desired)) === tracked;
  }

  #forget(key: string, tracked: Tracked): void {
    const sharing = this.#objects.get(key);
    sharing?.delete(tracked);
    if (sharing?.size === 0) this.#objects.delete(key);
  }
}

/**
 * Notes a state of a tracked object.
 *
 * @returns whether it is news: neither older than what is known nor known to be right already, as the echo of a write is
 */
export function see(tracked: Tracked, object: KubeObject): boolean {
  const { resourceVersion } = stateOf(object);
  const known = tracked.resourceVersion;
  if (known !== undefined && isOlder(resourceVersion, known)) return false;
  if (known === resourceVersion && tracked.observed.as === "right") return false;
  tracked.resourceVersion = resourceVersion;
  tracked.vote ??= fieldManagerVote(object);
  tracked.wasSeen ||= isOwnedBy(object, tracked.lock.release);
  tracked.isFinished = isFinished(object);
  tracked.observed = { as: "live", at: performance.now(), object };
  return true;
}

/** The field manager that Helm writes the objects of a release as: what most of them say, decided once and remembered. */
export function managerOf(lock: Lock): string {
  if (lock.manager !== undefined) return lock.manager;
  const votes = [...lock.objects.values()].flatMap(({ vote }) => vote ?? []);
  if (votes.length > 0) lock.manager = electFieldManager(votes);
  return lock.manager ?? DEFAULT_FIELD_MANAGER;
}

/** "apiVersion Kind namespace/name". */
export function objectKey(resource: Resource, object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${resource.apiVersion} ${resource.kind} ${typeof namespace === "string" ? namespace : ""}/${name}`;
}

function newLock(release: ReleaseRef): Lock {
  return {
    release,
    helmReleases: new Set(),
    allowsCreate: false,
    phase: undefined,
    since: 0,
    isStalled: false,
    record: undefined,
    manifest: undefined,
    seal: undefined,
    objects: new Map(),
    collections: new Set(),
    unwatched: new Map(),
    unwritable: new Map(),
    failure: undefined,
    problems: [],
    manager: undefined,
  };
}
