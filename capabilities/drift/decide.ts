import { isWrittenBy } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { hasHelmLabel, isOwnedBy, ownerOf } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import {
  additions,
  gaps,
  leftovers,
  overgrown,
  shared,
  unknownOf,
  type Addition,
  type KnownAdditions,
} from "./additions";
import { adopt, hasUnownedReplicas } from "./adopt";
import { reachesBeyond, uncreatable } from "./creation";
import { differences, unexplained, type Differences } from "./differences";
import { wasLockedByOriginal } from "./rancher-marks";
import type { Reason } from "./reasons";

/** What is known of a tracked object; `at` is performance.now() when it was seen in that state. */
export type Observed =
  /** Nothing: it has to be read. */
  | { readonly as: "unknown" }
  /** It was read and is not there, or the watch does not show it: it is deleted, or lacks Helm's label. */
  | { readonly as: "absent"; readonly at: number; readonly wasRead: boolean }
  /** Seen, and not yet looked at. */
  | { readonly as: "live"; readonly at: number; readonly object: KubeObject }
  /** Looked at, and either right or left as it is; a later change would have been seen. */
  | { readonly as: "right" };

/** What the server is known to make of the desired object by itself; none of it is drift. */
export interface Known {
  readonly differences: Differences;
  readonly additions: KnownAdditions;
}

/** What to do about a tracked object. */
export type Operation =
  /** Do nothing; `because` says why if the object is not as desired. */
  | { readonly do: "none"; readonly because?: Reason }
  /** Read it. */
  | { readonly do: "observe" }
  /** Ask the server, by a dry run, what an apply would make of it. */
  | { readonly do: "probe"; readonly live: KubeObject; readonly payload: KubeObject }
  | { readonly do: "create" }
  | {
      readonly do: "apply";
      readonly live: KubeObject;
      readonly payload: KubeObject;
      readonly fields: readonly string[];
    }
  | {
      readonly do: "remove";
      readonly live: KubeObject;
      readonly fields: readonly string[];
      readonly additions: readonly Addition[];
    }
  /** Give additions to Helm's entry in managedFields; an apply follows. */
  | {
      readonly do: "take over";
      readonly live: KubeObject;
      readonly fields: readonly string[];
      readonly additions: readonly Addition[];
    }
  /** Find out whether the release that the object names as its owner tracks it. */
  | { readonly do: "ask"; readonly about: "owner"; readonly owner: ReleaseRef }
  /** Find out whether an autoscaler may have set its replicas. */
  | { readonly do: "ask"; readonly about: "autoscalers"; readonly live: KubeObject }
  /** Wait until the deleted object is gone. If no event will show this, the locker has to look again. */
  | { readonly do: "wait"; readonly isWatched: boolean };

/** Everything that a decision depends on. */
export interface Situation {
  readonly release: ReleaseRef;
  readonly desired: KubeObject;
  readonly observed: Observed;
  /** Undefined until the object was verified once. */
  readonly known: Known | undefined;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** Whether the server accepts the object by server-side apply. */
  readonly isApplicable: boolean;
  /** Whether the release that the object names as its owner tracks it; undefined until asked. */
  readonly rivalTracks: boolean | undefined;
  /** Whether the object, or a predecessor of the same name, was seen with this release's marks. */
  readonly wasSeen: boolean;
  /** Whether an autoscaler may have set replicas that nobody owns; undefined until asked. */
  readonly isAutoscaled: boolean | undefined;
  /** Whether it had run to its end when last seen, as a Job or Pod does; undefined until it was seen. */
  readonly isFinished: boolean | undefined;
  /** Whether a HelmRelease allows creating and adopting objects that are not safe to create or adopt. */
  readonly allowsCreate: boolean;
}

/** Decides what a tracked object needs. */
export function decide(situation: Situation): Operation {
  const { observed } = situation;
  switch (observed.as) {
    case "unknown":
      return { do: "observe" };
    case "absent":
      return absent(situation, observed.wasRead);
    case "right":
      return { do: "none" };
    case "live":
      if (observed.object.metadata.deletionTimestamp !== undefined) {
        return { do: "wait", isWatched: hasHelmLabel(observed.object) };
      }
      return notOurs(situation, observed.object) ?? repair(situation, observed.object);
  }
}

/** The server refuses to create an object that exists. An object that must not be created may only have lost Helm's label. */
function absent(situation: Situation, wasRead: boolean): Operation {
  const because = uncreatable(situation);
  if (!because) return { do: "create" };
  return wasRead ? { do: "none", because } : { do: "observe" };
}

/**
 * What to do if the object is not ours; undefined if it is. Another release's name on it counts only if that release
 * tracks it: otherwise one annotation would unlock it.
 */
function notOurs(situation: Situation, live: KubeObject): Operation | undefined {
  const { release, rivalTracks, wasSeen } = situation;
  const rival = ownerOf(live);
  if (rival === undefined) return notKnown(situation, live);
  if (isOwnedBy(live, release)) return undefined;
  if (rivalTracks === undefined) return { do: "ask", about: "owner", owner: rival };
  if (rivalTracks) return { do: "none", because: { is: "tracked by another", rival } };
  return wasSeen || isTrusted(situation)
    ? undefined
    : { do: "none", because: { is: "named by another", rival } };
}

/**
 * An object that names no release is ours if it was ours before, or if it has the original Helm Locker's marks for this
 * release. If the record is trusted with the object, Helm's label or Helm's fields are also enough. Releases from
 * before Helm 3.2 have none of these.
 */
function notKnown(situation: Situation, live: KubeObject): Operation | undefined {
  const { release, desired, manager, wasSeen } = situation;
  if (wasSeen || wasLockedByOriginal(live, release)) return undefined;
  if (!hasHelmLabel(live) && !isWrittenBy(manager, desired, live))
    return { do: "none", because: { is: "unmarked" } };
  return isTrusted(situation) ? undefined : { do: "none", because: { is: "unnamed" } };
}

/** Whether the record alone can claim an object that does not name this release. */
function isTrusted({ desired, release, allowsCreate }: Situation): boolean {
  return allowsCreate || !reachesBeyond(desired, release.namespace);
}

/**
 * A local difference is not yet drift: the server writes "1000m" as "1", drops empty maps and fills in defaults. If the
 * object was never verified, the server is asked first. After that, only what the server did not make itself is drift.
 */
function repair(situation: Situation, live: KubeObject): Operation {
  const { known, manager, isApplicable, isAutoscaled } = situation;
  if (isAutoscaled === undefined && hasUnownedReplicas(situation.desired, live))
    return { do: "ask", about: "autoscalers", live };
  const payload = adopt(situation.desired, live, isAutoscaled);
  const { changed, added } = driftOf(situation, payload, live);
  const fields = [...changed, ...added.map(({ pointer }) => pointer)];
  if (fields.length === 0) return { do: "none" };
  if (added.length === 0 && !known) return { do: "probe", live, payload };
  const kept = isApplicable ? shared(payload, live, manager) : [];
  const taken = [...added, ...kept];
  if (taken.length === 0) return { do: "apply", live, payload, fields };
  const isRemoval = !isApplicable || changed.length + kept.length === 0;
  return { do: isRemoval ? "remove" : "take over", live, fields, additions: taken };
}

/**
 * Compares the desired with the live object, including keys that others put into atomic maps.
 *
 * @param manager the field manager that Helm writes as
 */
export function differencesFor(desired: KubeObject, live: KubeObject, manager: string): Differences {
  return new Map([...differences(desired, live), ...overgrown(desired, live, manager)]);
}

/** Where an object differs, as JSON pointers, and what was added to it, without what the server itself did. */
function driftOf(
  { known, manager }: Situation,
  payload: KubeObject,
  live: KubeObject,
): { changed: string[]; added: Addition[] } {
  const changed = unexplained(differencesFor(payload, live, manager), known?.differences);
  const left = unknownOf(leftovers(payload, live, manager), known?.additions);
  const added = unknownOf(additions(payload, live, manager), known?.additions);
  const pointers = left.map(({ pointer }) => pointer);
  return { changed: [...changed.keys(), ...pointers, ...gaps(payload, live, added)], added };
}

/**
 * Learns from the reply to an apply what the server makes of the desired object: all differences that remain are the
 * server's own.
 *
 * @param payload what is desired, with all tolerated values adopted from the reply
 * @param manager the field manager that Helm writes as
 * @param before the additions known to be the server's own; undefined if additions were just removed, so that all
 * remaining ones are
 */
export function learn(
  payload: KubeObject,
  reply: KubeObject,
  manager: string,
  before: KnownAdditions | undefined,
): Known {
  const left = leftovers(payload, reply, manager);
  const own = before ? left : [...left, ...additions(payload, reply, manager)];
  const known = new Map([...(before ?? []), ...own.map(({ pointer, value }) => [pointer, value] as const)]);
  return { differences: differencesFor(payload, reply, manager), additions: known };
}
