import type { Standing } from "./standing";

/** What a status rests on: a memory has to be about the same before that is told. */
interface Grounds {
  readonly standing: Standing | undefined;
  /** The uid of the record. */
  readonly record: string | undefined;
  readonly objects: ReadonlyMap<string, unknown>;
}

/** What of a lock a status rests on. */
interface Ground extends Pick<Grounds, "objects"> {
  readonly helmReleases: ReadonlyMap<string, Standing>;
  readonly record: { readonly uid: string } | undefined;
}

/** Of what a lock would be known again after a restart: only that is told of. */
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

  /** Whether all that a HelmRelease tells of is remembered beside it, or can't be. */
  has(helmRelease: string, grounds: Grounds): boolean {
    if (!this.#grounds.has(helmRelease)) return false;
    const kept = this.#grounds.get(helmRelease);
    return !kept || isSame(kept, grounds);
  }
}

/** What the status of a HelmRelease rests on. */
export function groundsOf({ helmReleases, record, objects }: Ground, helmRelease: string): Grounds {
  return { standing: helmReleases.get(helmRelease), record: record?.uid, objects };
}

/** Whatever makes one of them another one replaces it. */
function isSame(one: Grounds, other: Grounds): boolean {
  return one.standing === other.standing && one.record === other.record && one.objects === other.objects;
}
