import type { ReleaseRef } from "../release/release";
import { NOTHING_ADMITTED } from "./admission-state";
import { Changes } from "./changes";
import { History } from "./history";
import { Kept } from "./kept";
import type { Lock } from "./lock";
import { governing } from "./standing";

/** A lock of which nothing is known yet. */
export function newLock(release: ReleaseRef): Lock {
  return {
    release,
    helmReleases: new Map(),
    ...governing(new Map()),
    isSuspended: false,
    phase: undefined,
    record: undefined,
    seal: undefined,
    failure: undefined,
    manifest: undefined,
    objects: new Map(),
    collections: new Set(),
    untracked: [],
    manager: undefined,
    formerManager: undefined,
    remembered: new Map(),
    changes: new Changes(),
    kept: new Kept(),
    history: new History(),
    admission: NOTHING_ADMITTED,
    since: 0,
    isStalled: false,
    accountProblem: undefined,
    unwritable: new Map(),
  };
}
