import { placeKey, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { Tracked } from "./lock";
import { contest, share } from "./tracked";

/** Finds tracked objects of all locks without a look at each. */
export class ObjectIndex {
  /** By place: what tracks one object, through whichever version, shares it. */
  readonly #sharing = new Map<string, readonly Tracked[]>();
  /** By the key of the release that has them, or may have. */
  readonly #contested = new Map<string, Set<Tracked>>();

  /** Adds an object that is tracked from now on. */
  add(tracked: Tracked): void {
    const key = placeKey(tracked.kind, tracked.desired);
    this.#share(key, [...(this.#sharing.get(key) ?? []), tracked]);
    this.#contest(tracked);
  }

  /** Drops an object that is no longer tracked. */
  drop(tracked: Tracked): void {
    const key = placeKey(tracked.kind, tracked.desired);
    share(tracked, []);
    this.#share(key, this.#sharing.get(key)?.filter(other => other !== tracked) ?? []);
    this.#uncontest(tracked);
  }

  /** What tracks an object, through whichever version. */
  at(kind: Kind, object: KubeObject): readonly Tracked[] {
    return this.#sharing.get(placeKey(kind, object)) ?? [];
  }

  /** Notes which other release has an object, or may have it; undefined if none does. */
  contest(tracked: Tracked, rival: ReleaseRef | undefined): void {
    this.#uncontest(tracked);
    contest(tracked, rival);
    this.#contest(tracked);
  }

  /** Objects that another release has, or may have. */
  contestedBy(rival: ReleaseRef): readonly Tracked[] {
    return [...(this.#contested.get(releaseKey(rival)) ?? [])];
  }

  #share(key: string, sharing: readonly Tracked[]): void {
    if (sharing.length === 0) this.#sharing.delete(key);
    else this.#sharing.set(key, sharing);
    for (const tracked of sharing) share(tracked, sharing);
  }

  /** A look may end after its object was dropped. */
  #contest(tracked: Tracked): void {
    if (!tracked.rival || !tracked.sharing.includes(tracked)) return;
    const key = releaseKey(tracked.rival);
    const contested = this.#contested.get(key) ?? new Set();
    this.#contested.set(key, contested.add(tracked));
  }

  #uncontest(tracked: Tracked): void {
    if (!tracked.rival) return;
    const key = releaseKey(tracked.rival);
    const contested = this.#contested.get(key);
    contested?.delete(tracked);
    if (contested?.size === 0) this.#contested.delete(key);
  }
}
