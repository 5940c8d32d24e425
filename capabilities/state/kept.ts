import type { Standing } from "./standing";

/** What a status rests on: a memory has to be about the same before that is told. */
interface Grounds {
  readonly standing: Standing | undefined;
  /** The uid of the record that is locked, and the digest of its manifest. */
  readonly seal: string | undefined;
  readonly objects: ReadonlyMap<string, unknown>;
}

/** What of a lock a status rests on. */
interface Ground extends Pick<Grounds, "objects"> {
  readonly helmReleases: ReadonlyMap<string, Standing>;
  readonly seal: { readonly uid: string; readonly digest: string } | undefined;
}

/** Notes what of a lock is remembered beside its HelmReleases: a status tells only what would be known again after a restart. */
export class Kept {
  /** By the names of HelmReleases; undefined where nothing can be remembered for now, which is no reason to tell nothing. */
  readonly #grounds = new Map<string, Grounds | undefined>();

  /** Notes that what is known of a lock is remembered beside a HelmRelease. @param grounds when it was put together */
  note(helmRelease: string, grounds: Grounds): void {
    this.#grounds.set(helmRelease, grounds);
  }

  /** Notes that it can't be remembered for now. */
  fail(helmRelease: string): void {
    this.#grounds.set(helmRelease, undefined);
  }

  /** Notes that a HelmRelease no longer asks for the lock. */
  forget(helmRelease: string): void {
    this.#grounds.delete(helmRelease);
  }

  /** Whether anything has been noted of a HelmRelease. */
  knows(helmRelease: string): boolean {
    return this.#grounds.has(helmRelease);
  }

  /** Whether all that a HelmRelease tells of is remembered beside it, or can't be. */
  has(helmRelease: string, grounds: Grounds): boolean {
    if (!this.#grounds.has(helmRelease)) return false;
    const kept = this.#grounds.get(helmRelease);
    return !kept || isSame(kept, grounds);
  }
}

/** What the status of a HelmRelease rests on. */
export function groundsOf({ helmReleases, seal, objects }: Ground, helmRelease: string): Grounds {
  return { standing: helmReleases.get(helmRelease), seal: seal && `${seal.uid} ${seal.digest}`, objects };
}

/** Whether all that a HelmRelease tells of its lock now is remembered beside it, or can't be. */
export function isKept(lock: Ground & { readonly kept: Kept }, helmRelease: string): boolean {
  return lock.kept.has(helmRelease, groundsOf(lock, helmRelease));
}

/** Whatever makes one of them another one replaces it. */
function isSame(one: Grounds, other: Grounds): boolean {
  return one.standing === other.standing && one.seal === other.seal && one.objects === other.objects;
}
