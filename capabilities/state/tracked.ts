import { isDeepStrictEqual } from "node:util";
import { isFinished } from "../drift/creation";
import type { Known } from "../drift/decide";
import { objectKey, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOlder, stateOf } from "../kube/version";
import { fieldManagerVote, isOwnedBy } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import type { Lock, Tracked } from "./lock";
import type { Problem } from "./problems";

/** The same type, to be written by this file alone. */
type Writable = { -readonly [Key in keyof Tracked]: Tracked[Key] };

/**
 * An object as a lock tracks it from now on. One that stays desired as it was keeps all that is known of it. One that is desired
 * otherwise has to be verified anew; what was last seen of it, and not looked at since, still holds.
 */
export function track(lock: Lock, kind: Kind, desired: KubeObject): Tracked {
  const old = lock.objects.get(objectKey(kind, desired));
  if (old && isDeepStrictEqual(old.desired, desired)) return old;
  const { observed, resourceVersion, rival, vote, wasSeen, isFinished } = old ?? UNSEEN;
  return {
    lock,
    kind,
    desired,
    observed: observed.as === "live" ? observed : { as: "unknown" },
    resourceVersion,
    rival,
    vote,
    wasSeen,
    isFinished,
    known: undefined,
    isApplicable: true,
    problem: undefined,
  };
}

/** What is known of an object before it was seen. */
const UNSEEN = {
  observed: { as: "unknown" },
  resourceVersion: undefined,
  rival: undefined,
  vote: undefined,
  wasSeen: false,
  isFinished: undefined,
} as const;

/**
 * Notes a state of a tracked object.
 *
 * @returns whether it is news: neither older than what is known nor known to be right already, as the echo of a write is
 */
export function see(tracked: Writable, object: KubeObject): boolean {
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

/** Notes that an object is not there. @param wasRead that it was asked for by name, and not only missing in a watch */
export function miss(tracked: Writable, wasRead: boolean): void {
  tracked.observed = { as: "absent", at: performance.now(), wasRead };
}

/** Notes that what was seen of an object is no longer worth anything: it has to be read. */
export function doubt(tracked: Writable): void {
  tracked.observed = { as: "unknown" };
}

/** Notes that an object was looked at, and is right or left as it is. */
export function settle(tracked: Writable): void {
  tracked.observed = { as: "right" };
}

/** Notes what the server makes of the desired object by itself. */
export function verified(tracked: Writable, known: Known): void {
  tracked.known = known;
}

/** Notes that the server takes the object by no server-side apply. */
export function refuseApply(tracked: Writable): void {
  tracked.isApplicable = false;
}

/** Notes which other release an object names as its owner. */
export function contest(tracked: Writable, rival: ReleaseRef): void {
  tracked.rival = rival;
}

/** Notes what stands against an object being right; undefined where nothing does. */
export function trouble(tracked: Writable, problem: Problem | undefined): void {
  tracked.problem = problem;
}
