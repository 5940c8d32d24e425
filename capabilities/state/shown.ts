import { collectionPath } from "../kube/kinds";
import type { Lock, Tracked } from "./lock";
import { looksForDrift, modeOf } from "./standing";
import type { Store } from "./store";

/** Whether drift of a lock's objects is looked for now. */
export function isLookedAfter(lock: Lock): boolean {
  return lock.phase?.stance === "lock" && looksForDrift(modeOf(lock));
}

/** Whether each object of a lock was seen, or looked for: before that, nobody knows a deletion from an object that never was. */
export function isShown(lock: Lock, store: Pick<Store, "isSettled" | "watching">): boolean {
  if (!isLookedAfter(lock)) return true;
  if (!store.isSettled(lock)) return false;
  for (const tracked of lock.objects.values())
    if (!wasShown(tracked) && store.watching(collectionPath(tracked.kind))?.is !== "failed") return false;
  return true;
}

/** Whether each was looked at as it is to be judged now. */
export function isLookedThrough({ objects }: Pick<Lock, "objects">): boolean {
  for (const { looked } of objects.values()) if (looked !== "since") return false;
  return true;
}

function wasShown({ observed, looked }: Tracked): boolean {
  return looked !== "never" || observed.as === "live" || observed.as === "right";
}
