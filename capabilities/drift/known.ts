import { isDeepStrictEqual } from "node:util";
import { digestOf, shortDigestOf } from "../kube/digest";
import { escapePointer, find, unescapePointer } from "../kube/managed-fields";
import { isObject, own, type Json, type KubeObject } from "../kube/object";
import { additions, leftovers, type Addition, type Judging } from "./additions";
import { allocatedIn, placeOf } from "./allocated";
import { differences } from "./differences";
import { beyond, insideLeaves, type Doubt } from "./doubts";
import { nameOf } from "./items";
import { isLeftToAny } from "./left";
import { rightnessOf } from "./right";

/** What the server was found to make of the desired object by itself; none of it is drift. */
export interface Known {
  /** What differs from the desired object and comes back by itself: digests of places and values. */
  readonly own: ReadonlySet<string>;
  /** What was added and could not be taken away again, for the server keeps it: digests of places and values. */
  readonly kept: ReadonlySet<string>;
  /** What the server has allocated, as it last was: place -> value. */
  readonly allocated: ReadonlyMap<string, Json>;
  /** What it had, but for what is others', when it was last right: a digest. */
  readonly right?: string;
  /** What it had then beyond what the chart says: short digests of places and values, between commas. */
  readonly beyond?: string | undefined;
  /** Its `metadata.generation` then, where its kind counts the changes of all but metadata and status. */
  readonly generation?: Json | undefined;
}

export const NOTHING_KNOWN: Known = { own: new Set(), kept: new Set(), allocated: new Map() };

/** Whether something that differs is the server's own. */
export function isOwn(known: Known | undefined, pointer: string, value: Json | undefined): boolean {
  return known !== undefined && known.own.size > 0 && known.own.has(digestOf(pointer, value));
}

/** Whether something that was added can't be taken away. */
export function isKept(known: Known | undefined, pointer: string, value: Json): boolean {
  return known !== undefined && known.kept.size > 0 && known.kept.has(digestOf(pointer, value));
}

/** Whether somebody has only written what the server had allocated before. */
export function isAllocated(known: Known | undefined, { path, value }: Addition): boolean {
  if (!known || known.allocated.size === 0) return false;
  const before = known.allocated.get(placeOf(path));
  return before !== undefined && isDeepStrictEqual(before, value);
}

/**
 * What the reply to an apply tells: the differences that are left are the server's own.
 *
 * @param judging of the reply, with everything that is left to others adopted from it
 */
export function learnFromApply(before: Known = NOTHING_KNOWN, judging: Judging): Known {
  const { desired, live } = judging;
  const left = [...leftovers(judging), ...insideLeaves(judging)];
  const own = [
    ...left.map(({ pointer, value }) => digestOf(pointer, value)),
    ...[...differences(desired, live)].map(([pointer, value]) => digestOf(pointer, value)),
  ];
  return withOwn(before, own);
}

/** What dry runs tell of what was open: what they bring back is the server's own. @param removed what each removal leaves, but for those refused */
export function learnFromDoubts(
  before: Known = NOTHING_KNOWN,
  doubts: readonly Doubt[],
  {
    applied,
    removed,
  }: { applied: KubeObject | undefined; removed: ReadonlyMap<Doubt, KubeObject> | undefined },
): Known {
  const isBack = (doubt: Doubt) => {
    const { by, path, pointer, value } = doubt;
    if (by === "apply") return applied && isDeepStrictEqual(path && find(applied, path)?.value, value);
    const reply = removed?.get(doubt);
    // Beside drift, it may be that which a removal is refused for.
    return reply ? isDeepStrictEqual(valueAt(reply, pointer, value), value) : applied !== undefined;
  };
  const own = doubts.filter(isBack).map(({ pointer, value }) => digestOf(pointer, value));
  return withOwn(before, own);
}

/** What the reply to a removal tells: what is still there, the server keeps. */
export function learnFromRemoval(
  before: Known = NOTHING_KNOWN,
  reply: KubeObject,
  removed: readonly Pick<Addition, "pointer" | "value">[],
): Known {
  const kept = removed
    .filter(({ pointer, value }) => isDeepStrictEqual(valueAt(reply, pointer, value), value))
    .map(({ pointer, value }) => digestOf(pointer, value));
  return kept.length === 0 ? before : { ...before, kept: new Set([...before.kept, ...kept]) };
}

/** Notes what the server has allocated in an object that is right. What is left to others may be anything: of that, what was noted before stays. */
export function learnAllocated(before: Known = NOTHING_KNOWN, judging: Judging): Known {
  const allocated = new Map(
    allocatedIn(judging.desired, judging.live).flatMap(({ path, value }): [string, Json][] => {
      const place = placeOf(path);
      const noted = isLeftToAny(judging, path) ? before.allocated.get(place) : value;
      return noted === undefined ? [] : [[place, noted]];
    }),
  );
  return isDeepStrictEqual(before.allocated, allocated) ? before : { ...before, allocated };
}

/** Notes what an object that is right has: none of it was added, whoever has come to own it. */
export function learnRight(before: Known = NOTHING_KNOWN, judging: Judging): Known {
  const own = additions(judging).map(({ pointer, value }) => digestOf(pointer, value));
  const right = rightnessOf(judging);
  const { generation } = judging.live.metadata;
  const isNews =
    before.right !== right || before.generation !== generation || own.some(digest => !before.own.has(digest));
  if (!isNews) return before;
  const beyond = before.right === right ? before.beyond : beyondIn(judging);
  return { ...withOwn(before, own), right, beyond, generation };
}

/** Most objects have nothing of the kind: they share one empty set. */
function withOwn(before: Known, own: readonly string[]): Known {
  return own.length === 0 ? before : { ...before, own: new Set([...before.own, ...own]) };
}

/** Notes that an object is as it was when it was right: what was learned then still holds. */
export function learnUnchanged(
  before: Known = NOTHING_KNOWN,
  { metadata: { generation } }: KubeObject,
): Known {
  return before.generation === generation ? before : { ...before, generation };
}

function beyondIn(judging: Judging): string {
  const places = beyond(judging).flatMap(({ pointer, value }) => placesIn(pointer, value));
  return `,${places.map(([pointer, value]) => shortDigestOf(pointer, value)).join(",")},`;
}

/** A place, and every one inside it. */
function placesIn(pointer: string, value: Json): [pointer: string, value: Json][] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [
    [pointer, value],
    ...inner.flatMap(([key, field]) => placesIn(`${pointer}/${escapePointer(key)}`, field)),
  ];
}

/** Whether something that the chart does not say was there in the same way when the object was right: somebody has only come to own it. */
export function wasThere(
  known: Known | undefined,
  { pointer, value }: Pick<Addition, "pointer" | "value">,
): boolean {
  return known?.beyond?.includes(`,${shortDigestOf(pointer, value)},`) === true;
}

/** Whether somebody may have written to an object since it was right, its metadata and status aside: an API server of another version reads it with other defaults. */
export function mayBeChanged(known: Known | undefined, { metadata: { generation } }: KubeObject): boolean {
  return generation === undefined || known?.generation !== generation;
}

/** What an object has at a JSON pointer; an item of a list by its name, where it has one. */
function valueAt(object: KubeObject, pointer: string, like: Json): Json | undefined {
  const steps = pointer.slice(1).split("/").map(unescapePointer);
  const last = steps.pop() ?? "";
  const parent = steps.reduce<Json | undefined>(step, object);
  if (Array.isArray(parent) && nameOf(like) !== "") return parent.find(item => nameOf(item) === nameOf(like));
  return step(parent, last);
}

function step(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) ? own(value, key) : undefined;
}
