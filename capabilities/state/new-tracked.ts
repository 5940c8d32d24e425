import { isDeepStrictEqual } from "node:util";
import { objectKey, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOwnedBy } from "../release/ownership";
import type { Lock, Remembered, Tracked } from "./lock";
import { contentOf, memoryKey } from "./memory";
import { lastKnown } from "./tracked";

/**
 * An object as a lock tracks it from now on. If neither the desired object nor where it is served has changed, everything known of it
 * stays. Otherwise, it must be verified anew; what was last seen, and not looked at since, remains valid.
 */
export function track(lock: Lock, kind: Kind, desired: KubeObject): Tracked {
  const old = lock.objects.get(objectKey(kind, desired));
  if (old && isDeepStrictEqual(old.desired, desired) && isDeepStrictEqual(old.kind, kind)) return old;
  const content = contentOf(desired, lock.release);
  const seen = old ?? { ...UNSEEN, ...lastKnown(recalled(lock, desired)) };
  return {
    lock,
    kind,
    desired,
    content,
    observed: seen.observed.as === "live" ? seen.observed : { as: "unknown" },
    resourceVersion: seen.resourceVersion,
    whereabouts: seen.whereabouts,
    rival: seen.rival,
    vote: seen.vote,
    seenAs: old && isSeen(old) ? content : seen.seenAs,
    wasSeen: seen.wasSeen || seen.seenAs === content,
    sharing: [],
    isFinished: seen.isFinished,
    wasSeenToGo: seen.wasSeenToGo,
    rivalsUnder: seen.rivalsUnder,
    ignored: seen.ignored,
    drift: seen.drift,
    told: seen.told,
    foreign: seen.foreign,
    known: undefined,
    isApplicable: true,
    looked: seen.looked === "never" ? "never" : "before",
    problem: undefined,
  };
}

/** Whether what was last seen, and is to be looked at, is the release's own: Helm writes an object before the record that says so. */
function isSeen({ observed, wasSeen, lock }: Tracked): boolean {
  return wasSeen && observed.as === "live" && isOwnedBy(observed.object, lock.release);
}

/** What is known of an object before it is seen. */
const UNSEEN = {
  observed: { as: "unknown" },
  resourceVersion: undefined,
  whereabouts: undefined,
  rival: undefined,
  vote: undefined,
  seenAs: undefined,
  wasSeen: false,
  isFinished: undefined,
  wasSeenToGo: false,
  rivalsUnder: undefined,
  ignored: undefined,
  looked: "never",
  drift: undefined,
  told: undefined,
  foreign: undefined,
} as const;

function recalled({ remembered }: Lock, desired: KubeObject): Remembered | undefined {
  return remembered.size === 0 ? undefined : remembered.get(memoryKey(desired));
}
