import { isWrittenBy } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { hasHelmLabel, isOwnedBy, ownerOf } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import { mayTakeOver } from "./claims";
import { mayBeClaimed, uncreatable } from "./creation";
import type { Observed, Operation, Situation } from "./operation";
import { wasLockedByOriginal } from "./rancher-marks";
import type { Reason } from "./reasons";
import { repair } from "./repair";

/** Decides what a tracked object needs. */
export function decide(situation: Situation): Operation {
  const { observed } = situation;
  if (situation.isIgnored === true) return untouched(observed);
  switch (observed.as) {
    case "unknown":
      return { do: "observe" };
    case "absent":
      return absent(situation, observed.wasRead);
    case "right":
      return { do: "none" };
    case "live":
      if (observed.object.metadata.deletionTimestamp !== undefined) {
        const { finalizers } = observed.object.metadata;
        const isHeld = Array.isArray(finalizers) && finalizers.length > 0;
        return { do: "wait", isWatched: hasHelmLabel(observed.object), isHeld };
      }
      return notOurs(situation, observed.object) ?? repair(situation, observed.object);
  }
}

/** What is left as it is is looked for all the same: once nothing leaves it any more, it counts whether it was seen. */
function untouched(observed: Observed): Operation {
  const isOpen = observed.as === "unknown" || (observed.as === "absent" && !observed.wasRead);
  if (isOpen) return { do: "observe" };
  return observed.as === "right" ? { do: "none" } : { do: "none", because: { is: "ignored" } };
}

/** The server refuses to create an object that exists. An object that must not be created may only have lost Helm's label. */
function absent(situation: Situation, wasRead: boolean): Operation {
  const because = situation.holder ? heldBy(situation.holder) : uncreatable(situation);
  if (!because) return { do: "create" };
  return wasRead ? { do: "none", because } : { do: "observe" };
}

function heldBy(rival: ReleaseRef): Reason {
  return { is: "tracked by another", rival };
}

/** What to do if the object is not ours; undefined if it is. */
function notOurs(situation: Situation, live: KubeObject): Operation | undefined {
  const { release, holder } = situation;
  if (holder) return { do: "none", because: heldBy(holder) };
  const rival = ownerOf(live);
  if (rival === undefined) return notKnown(situation, live);
  return isOwnedBy(live, release) ? undefined : claimed(situation, live, rival);
}

/**
 * Another release's name on an object counts only if that release tracks it: otherwise one annotation would unlock it. What we have, it
 * must be able to take over, too: otherwise one record in any namespace would.
 */
function claimed(situation: Situation, live: KubeObject, rival: ReleaseRef): Operation | undefined {
  const { release, rivalTracks, wasSeen, isRivalVouched: isVouched = false } = situation;
  if (wasSeen && !mayTakeOver(live, { release: rival, isVouched }, release)) return undefined;
  if (rivalTracks === undefined) return { do: "ask", about: "owner", owner: rival };
  if (rivalTracks) return { do: "none", because: heldBy(rival) };
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
function isTrusted(situation: Situation): boolean {
  return situation.allowsCreate || mayBeClaimed(situation);
}
