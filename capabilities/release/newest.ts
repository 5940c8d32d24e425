import type { ReleaseRef } from "./release";
import type { Revisions } from "./revisions";
import type { Newest, RecordStorage } from "./storage";

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
