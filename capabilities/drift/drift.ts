import { contains, find, isWithin, leavesOf, ownersOf, type Found } from "../kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { additions, gaps, isCounted, leftovers, type Addition, type Judging } from "./additions";
import { allocatedIn } from "./allocated";
import { differences } from "./differences";
import { byRemoval, doubts, ofMakers, type Doubt } from "./doubts";
import { isAllocated, isKept, isOwn, wasThere, type Known } from "./known";
import { isLeft } from "./left";
import { nameless } from "./mend";
import { isHelm } from "./owners";

/** Where an object is not as its release wants it. */
export interface Drift {
  /** What differs from what is desired: JSON pointers. */
  readonly changed: readonly string[];
  /** What Helm's own entry in managedFields holds beyond what is desired: a takeover that was not finished. */
  readonly unpruned: readonly Addition[];
  /** What somebody has added. */
  readonly added: readonly Addition[];
  /** What was added by somebody who has also made what is right; open, too. */
  readonly ofMaker: readonly Addition[];
  /** What somebody has come to own that the server makes, or keeps, anyway; no drift. */
  readonly servers: readonly Addition[];
  /** What managedFields leave open: drift, if the server was asked and does not make it by itself. */
  readonly doubts: readonly Doubt[];
  /** What was added and can't be taken away: JSON pointers. */
  readonly kept: readonly string[];
}

/** Finds where an object is not as its release wants it; the server's own doing aside. */
export function driftOf(judging: Judging, known: Known | undefined, isRefused: boolean): Drift {
  const { desired, live } = judging;
  const isOpen = ({ pointer, value }: { pointer: string; value: Addition["value"] }) =>
    !isOwn(known, pointer, value) && !isKept(known, pointer, value);
  const found = additions(judging, isRefused);
  const isNew = (place: Pick<Addition, "pointer" | "value">) => isOpen(place) && !wasThere(known, place);
  const fresh = found.filter(addition => isNew(addition) && !isAllocated(known, addition));
  const ofMaker = ofMakers(judging, fresh);
  const added = fresh.filter(addition => !ofMaker.includes(addition));
  const changed = [...differences(desired, live)].filter(([pointer, value]) => !isOwn(known, pointer, value));
  const isUnpruned = (addition: Addition) => isOpen(addition) && !isAllocated(known, addition);
  return {
    changed: [
      ...changed.map(([pointer]) => pointer),
      ...gaps(desired, live, added),
      ...filledIn(judging),
      ...filledWith(added, judging),
    ],
    unpruned: leftovers(judging).filter(isUnpruned),
    added,
    ofMaker,
    servers: found.filter(addition => !fresh.includes(addition) && !isMadeOnce(desired, known, addition)),
    doubts: once([...doubts(judging), ...[...ofMaker, ...nameless(judging)].map(byRemoval)]).filter(
      doubt => isNew(doubt) && !added.some(({ pointer }) => isWithin(doubt.pointer, pointer)),
    ),
    kept: known?.kept.size ? keptIn([...found, ...allocatedIn(desired, live)], known) : [],
  };
}

/** Whether nothing of an object is to be done. */
export function isRight({ changed, unpruned, added, doubts }: Drift): boolean {
  return changed.length + unpruned.length + added.length + doubts.length === 0;
}

/** Kinds in which the server makes some fields only when an object is created: taken away, these do not come back. */
const MADE_ONCE = new Set(["Job", "PersistentVolumeClaim", "Pod"]);

function isMadeOnce({ kind }: KubeObject, known: Known | undefined, addition: Addition): boolean {
  return MADE_ONCE.has(kind) && wasThere(known, addition);
}

/** Each place once: nothing can be taken away twice. */
function once(found: readonly Doubt[]): Doubt[] {
  return [...new Map(found.map(doubt => [doubt.pointer, doubt])).values()];
}

/** Fields that the chart has as null, and that somebody else has given a value. */
function filledIn(judging: Judging): string[] {
  const { desired, live, manager } = judging;
  if (!holdsNull(desired)) return [];
  const theirs = ownersOf(live).filter(owner => owner.subresource === undefined && !isHelm(owner, manager));
  return theirs.flatMap(owner =>
    leavesOf(owner.fields).flatMap(leaf => {
      const wanted = find(desired, leaf);
      const there = find(live, leaf);
      if (wanted?.value !== null || !there || there.value === null) return [];
      return isCounted(live, leaf) && !isLeft(judging, owner, leaf) ? [wanted.pointer] : [];
    }),
  );
}

function holdsNull(value: Json): boolean {
  if (typeof value !== "object") return false;
  return value === null || Object.values(value).some(holdsNull);
}

/** Maps that the chart has as null, and that somebody else has filled: without what was added, they would be empty instead. */
function filledWith(added: readonly Addition[], { desired, live }: Judging): string[] {
  const places = added
    .map(({ path }) => path.slice(0, -1))
    .filter(place => find(desired, place)?.value === null);
  const filled = places.flatMap(place => {
    const there = find(live, place);
    const count = added.filter(({ path }) => contains(place, path)).length;
    return isObject(there?.value) && Object.keys(there.value).length === count ? [there.pointer] : [];
  });
  return [...new Set(filled)];
}

/** What can't be taken away, also once its removal has left it without an owner. */
function keptIn(found: readonly Found[], known: Known | undefined): string[] {
  const kept = found.filter(({ pointer, value }) => isKept(known, pointer, value));
  return [...new Set(kept.map(({ pointer }) => pointer))];
}
