import { isDeepStrictEqual } from "node:util";
import {
  escapePointer,
  find,
  isWithin,
  leavesOf,
  ownersOf,
  subset,
  type FieldOwner,
  type FieldPath,
} from "../kube/managed-fields";
import { bodyOf, isObject, own, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { isCounted, isHelmsOwn, type Addition, type Judging } from "./additions";
import { nameOf, namesOf } from "./items";
import { isLeft, keepsAdditions } from "./left";
import { othersIn } from "./right";
import { take, WHAT_IS_LACKING } from "./take";
import { isForeign, isHelm } from "./owners";
import { renamedOf, type Renamed } from "./renamed";

/** A place of which managedFields do not tell whether it is as the chart wants it: the server has to be asked. */
export interface Doubt {
  /** JSON pointer into the live object. */
  readonly pointer: string;
  /** What is there. */
  readonly value: Json;
  /** What would tell: an apply, which makes a list or map anew that has one owner as a whole; or the removal of what is there. */
  readonly by: "apply" | "removal";
  /** Where it is, where somebody owns it. */
  readonly path?: FieldPath;
}

/** Everything about an object that managedFields leave open. */
export function doubts(judging: Judging): Doubt[] {
  const isOpen = isOwnerless(judging.live) || hasUnreadOwner(judging);
  return [...insideLeaves(judging), ...renamed(judging).map(byRemoval), ...(isOpen ? extras(judging) : [])];
}

/** List items that a hand may have added under another name than the server has given them. */
export function renamed(judging: Judging): Renamed[] {
  const { desired, live, manager } = judging;
  const owners = ownersOf(live);
  return owners
    .filter(owner => isForeign(owner, owners, manager))
    .flatMap(owner => renamedOf(owner, live).filter(({ path }) => !isLeft(judging, owner, path)))
    .filter(({ path }) => !find(desired, path));
}

/**
 * Lists and maps that have one owner as a whole, of which somebody other than Helm is one, and that hold more than the chart
 * says: defaults, or what was added inside. To add inside is to change them, which a controller of the object may not either. Source:
 * structured-merge-diff, atomic lists and maps.
 */
export function insideLeaves(judging: Judging): Doubt[] {
  const { live, manager } = judging;
  const others = ownersOf(live).filter(owner => owner.subresource === undefined && !isHelm(owner, manager));
  const found = others.flatMap(owner =>
    leavesOf(owner.fields)
      .filter(leaf => isCounted(live, leaf) && !isLeft(judging, owner, leaf))
      .flatMap(leaf => grownAt(judging, leaf)),
  );
  return [...new Map(found.map(doubt => [doubt.pointer, doubt])).values()];
}

function grownAt({ desired, live }: Judging, leaf: FieldPath): Doubt[] {
  const wanted = find(desired, leaf)?.value;
  const there = find(live, leaf);
  if (!there || !isComposite(wanted) || !isComposite(there.value)) return [];
  return isDeepStrictEqual(wanted, there.value) ? [] : [{ ...there, path: leaf, by: "apply" }];
}

function isComposite(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null;
}

/** Whether nobody is known to have written anything of an object: somebody has cleared its managedFields. */
export function isOwnerless(live: KubeObject): boolean {
  return !ownersOf(live).some(({ subresource }) => subresource === undefined);
}

/** Whether a hand has written through another API version, whose paths say nothing here. */
function hasUnreadOwner({ desired, live, manager }: Judging): boolean {
  const owners = ownersOf(live);
  return owners.some(
    owner =>
      owner.apiVersion !== live.apiVersion &&
      isForeign(owner, owners, manager) &&
      leavesOf(owner.fields).some(leaf => !find(live, leaf) && !find(desired, leaf)),
  );
}

/**
 * Additions of somebody who, other than a hand, has also made what is right: Helm under another name, as of a provider whose name has
 * its version in it, and then they may be the server's defaults, which whoever creates an object owns as well. The server has none in
 * metadata. A hand, too, owns what is right once it has applied the same as Helm; an update makes it own only what it changes.
 */
export function ofMakers(judging: Judging, additions: readonly Addition[]): Addition[] {
  if (additions.length === 0) return [];
  const makers = makersIn(judging);
  return additions.filter(
    ({ path }) => path[0] !== "f:metadata" && makers.some(({ fields }) => subset(fields, path) !== undefined),
  );
}

/** Who, other than Helm, has made what is right. */
function makersIn({ desired, live, manager }: Judging): FieldOwner[] {
  const owners = ownersOf(live);
  const helms = owners.filter(owner => isHelm(owner, manager));
  return owners
    .filter(owner => isForeign(owner, owners, manager))
    .filter(({ fields, operation }) =>
      leavesOf(fields).some(leaf => {
        const wanted = find(desired, leaf);
        if (!wanted || !isDeepStrictEqual(wanted.value, find(live, leaf)?.value)) return false;
        return operation === "Update" || !helms.some(helm => hasLeaf(helm, leaf));
      }),
    );
}

function hasLeaf({ fields }: FieldOwner, path: FieldPath): boolean {
  const inside = subset(fields, path);
  return inside !== undefined && leavesOf(inside).length === 0;
}

/** What is live and not desired, each at its outermost place; status and what is others' aside, and metadata but what is Helm's. */
function extras(judging: Judging): Doubt[] {
  const added = keepsAdditions(judging.left) ? [] : beyond(judging);
  return [...added, ...marks(judging.desired, judging.live)];
}

/** What the body of an object has and the chart does not say, each at its outermost place; what is others' aside. */
export function beyond(judging: Judging): Doubt[] {
  const { desired: wanted, live, left } = judging;
  const desired = left.reduce((whole, { path }) => take(whole, live, path, WHAT_IS_LACKING), wanted);
  const others = othersIn(judging);
  const isOthers = (pointer: string) =>
    others.some(other => isWithin(other, pointer) || isWithin(pointer, other));
  return inMap(desired, bodyOf(live), "").filter(({ pointer }) => !isOthers(pointer));
}

/** Annotations in which the API server keeps what an older version of a kind has no fields for. */
const HIDDEN = ["autoscaling.alpha.kubernetes.io/metrics", "autoscaling.alpha.kubernetes.io/behavior"];

/** Labels and annotations that are not everybody's. */
function marks(desired: KubeObject, live: KubeObject): Doubt[] {
  return ["annotations", "labels"].flatMap(name => {
    const [wanted, there] = [desired.metadata[name], live.metadata[name]];
    const added = Object.entries(isObject(there) ? there : {}).filter(
      ([key]) =>
        !(isObject(wanted) && Object.hasOwn(wanted, key)) && (HIDDEN.includes(key) || isHelmsOwn(key)),
    );
    return added.map(([key, value]) =>
      byRemoval({ pointer: `/metadata/${name}/${escapePointer(key)}`, value }),
    );
  });
}

/** What only its removal tells of something that is live and not desired. */
export function byRemoval({ pointer, value }: { pointer: string; value: Json }): Doubt {
  return { pointer, value, by: "removal" };
}

/** What an apply tells of something that Helm's entry holds and nobody desires: whether it goes, or the server makes it by itself. */
export function byApplying({ pointer, value, path }: Addition): Doubt {
  return { pointer, value, path, by: "apply" };
}

function inMap(desired: JsonObject, live: JsonObject, at: string): Doubt[] {
  return Object.entries(live).flatMap(([key, value]) => {
    const wanted = own(desired, key);
    const pointer = `${at}/${escapePointer(key)}`;
    return wanted === undefined || wanted === null
      ? [byRemoval({ pointer, value })]
      : inside(wanted, value, pointer);
  });
}

function inside(desired: Json, live: Json, at: string): Doubt[] {
  if (isObject(desired) && isObject(live)) return inMap(desired, live, at);
  if (!Array.isArray(desired) || !Array.isArray(live)) return [];
  const names = namesOf(desired);
  return live.flatMap((item, index) => {
    const wanted = names ? desired[names.indexOf(nameOf(item))] : desired[index];
    if (wanted !== undefined) return inside(wanted, item, `${at}/${index}`);
    return names && nameOf(item) !== "" ? [byRemoval({ pointer: `${at}/${index}`, value: item })] : [];
  });
}
