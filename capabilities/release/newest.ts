import type { ReleaseRef } from "./release";
import type { Revisions } from "./revisions";
import type { Newest, RecordState, RecordStorage } from "./storage";

/** What the newest record of a release is found with. */
export interface RecordSearch {
  readonly storage: RecordStorage;
  readonly revisions: Revisions;
}

/**
 * The newest record of a release, over both storage drivers. Copies that are left in the other driver once the newest
 * record is gone say nothing.
 *
 * @throws ApiError, NetworkError
 */
export async function newestRecord(
  release: ReleaseRef,
  { storage, revisions }: RecordSearch,
): Promise<Newest> {
  return revisions.areStale(release)
    ? { is: "missing" }
    : storage.newest(release, revisions.highest(release));
}

/**
 * Which record that is, and in which state, without what it holds; undefined if there is none.
 *
 * @throws ApiError, NetworkError
 */
export async function newestState(
  release: ReleaseRef,
  { storage, revisions }: RecordSearch,
): Promise<RecordState | undefined> {
  return revisions.areStale(release) ? undefined : storage.stateOfNewest(release, revisions.highest(release));
}
