import {
  contains,
  depthIn,
  find,
  leavesOf,
  membersOf,
  ownersOf,
  subset,
  type FieldOwner,
  type FieldPath,
  type Found,
} from "../kube/managed-fields";
import type { JsonObject, KubeObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { holdsLeft, isLeft, isLeftForGood } from "./left";
import { isApplyOf, isForeign, isHelm } from "./owners";
import type { Left } from "../kube/path";
import { isOriginalMark } from "./rancher-marks";
import { samenessIn } from "./same";

/** A field that the live object has and the desired object lacks, and that somebody other than Helm or the cluster itself added. */
export interface Addition extends Found {
  readonly path: FieldPath;
}

/** What additions are judged by. */
export interface Judging {
  /** With everything that is left to others already adopted from the live object. */
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  readonly left: readonly Left[];
}

/** Whether only Helm may set a label or an annotation: a foreign resource-policy, for example, changes what Helm deletes. */
export function isHelmsOwn(key: string): boolean {
  return /^(meta\.)?helm\.sh\//.test(key);
}

/**
 * Finds what was added by hand. Only the field managers of managedFields can tell an addition from a default: a default has no other
 * owner than Helm. Status, metadata but what is Helm's to set and the marks of the original Helm Locker, what a controller of the
 * object owns and what is left to others do not count.
 *
 * @param isRefused whether the removal of what Helm has no part in was refused: then with what Helm holds around it, which are defaults
 */
export function additions(judging: Judging, isRefused = false): Addition[] {
  const { desired, live, manager } = judging;
  const owners = ownersOf(live);
  const leaves = leavesIn(live);
  const isHand = (owner: FieldOwner) => isForeign(owner, owners, manager);
  // Helm's apply entry keeps nothing: what it holds beyond the desired object, a takeover has left there.
  const keeps = (owner: FieldOwner) => !isApplyOf(owner, manager) && !(isRefused && isHelm(owner, manager));
  const kept = leaves
    .filter(({ owner, leaf }) => isLeftForGood(judging, owner, leaf) || (!isHand(owner) && keeps(owner)))
    .map(({ leaf }) => leaf);
  const found = new Map<string, Addition>();
  for (const { owner, leaf } of leaves) {
    const path = isHand(owner) && isCounted(live, leaf) ? additionAt(desired, leaf, kept) : undefined;
    const there = path && find(live, path);
    if (there) found.set(there.pointer, { ...there, path });
  }
  return [...found.values()];
}

/** Every innermost field that somebody has of an object, with its owner. */
export const leavesIn = perObject((live: KubeObject): readonly { owner: FieldOwner; leaf: FieldPath }[] =>
  ownersOf(live).flatMap(owner => leavesOf(owner.fields).map(leaf => ({ owner, leaf }))),
);

/**
 * Finds fields that Helm's own apply entry holds and the desired object lacks: an unfinished takeover left them. What a controller of the
 * object owns, too, or what is left to others, an apply leaves to them.
 */
export function leftovers(judging: Judging): Addition[] {
  const { desired, live, manager } = judging;
  const owners = ownersOf(live);
  const isTheirs = (leaf: FieldPath) =>
    owners.some(
      owner =>
        !isHelm(owner, manager) &&
        subset(owner.fields, leaf) !== undefined &&
        (isLeftForGood(judging, owner, leaf) || !isForeign(owner, owners, manager)),
    );
  return owners
    .filter(owner => isApplyOf(owner, manager))
    .flatMap(({ fields }) => leavesOf(fields))
    .filter(leaf => isCounted(live, leaf) && depthIn(desired, leaf) < leaf.length && !isTheirs(leaf))
    .flatMap(path => {
      const there = find(live, path);
      return there ? [{ ...there, path }] : [];
    });
}

/**
 * Finds which desired fields others hold, too, and would still hold after a forced apply, which takes away only what it changes: what
 * `kubectl apply --server-side` leaves behind. The next Helm 4 upgrade that changes such a field would fail with a conflict. What is
 * left to others stays theirs, whoever else holds it.
 */
export function shared(judging: Judging): Addition[] {
  const { desired, live, manager } = judging;
  const owners = ownersOf(live);
  const isSame = samenessIn(desired);
  return owners
    .filter(owner => isForeign(owner, owners, manager))
    .flatMap(owner => membersOf(owner.fields).map(path => ({ owner, path })))
    .filter(({ path }) => path[0] !== "f:metadata" || path[1] === "f:labels" || path[1] === "f:annotations")
    .flatMap(({ owner, path }) => {
      const isHolder = path.at(-1) === ".";
      const place = isHolder ? path.slice(0, -1) : path;
      const wanted = find(desired, place);
      const there = find(live, place);
      if (!wanted || !there || isLeftToAny(judging, owners, place)) return [];
      if (!isHolder && holdsLeft(judging, owner, place)) return [];
      return isHolder || isSame(wanted.value, there.value, there.pointer) ? [{ ...there, path }] : [];
    });
}

/** Whether a place, or something in it, is left to somebody who holds it. */
function isLeftToAny(judging: Judging, owners: readonly FieldOwner[], place: FieldPath): boolean {
  return owners.some(
    owner =>
      isLeft(judging, owner, place) &&
      leavesOf(owner.fields).some(leaf => contains(place, leaf) || contains(leaf, place)),
  );
}

/**
 * Finds lists that would lack items without what was added to them: there the key of an item was changed, for example the protocol of a
 * port, which the desired object may leave to its default.
 *
 * @returns JSON pointers to the lists
 */
export function gaps(desired: KubeObject, live: KubeObject, added: readonly Addition[]): string[] {
  const items = added.filter(({ path }) => path.at(-1)?.startsWith("f:") === false);
  return items.flatMap(({ path }) => {
    const list = path.slice(0, -1);
    const wanted = find(desired, list);
    const actual = find(live, list);
    if (!wanted || !actual || !Array.isArray(wanted.value) || !Array.isArray(actual.value)) return [];
    const taken = items.filter(other => other.path.length === path.length && contains(list, other.path));
    return actual.value.length - taken.length < wanted.value.length ? [actual.pointer] : [];
  });
}

/** The outermost place that can be removed for a leaf: nothing desired, and nothing that is kept, is in it. */
function additionAt(desired: JsonObject, leaf: FieldPath, kept: readonly FieldPath[]): FieldPath | undefined {
  return undesired(desired, leaf).find(path => !kept.some(other => contains(path, other)));
}

/** The places on the path to a leaf, including the leaf, that the desired object lacks. */
function undesired(desired: JsonObject, leaf: FieldPath): FieldPath[] {
  const depth = depthIn(desired, leaf);
  return leaf.slice(depth).map((_, index) => leaf.slice(0, depth + index + 1));
}

/** Whether a field is one that only Helm, or a hand, sets. */
export function isCounted(live: KubeObject, path: FieldPath): boolean {
  const [first, second, third = ""] = path;
  if (first === "f:status" || first === "f:apiVersion" || first === "f:kind") return false;
  if (first !== "f:metadata") return true;
  if (second !== "f:annotations" && second !== "f:labels") return false;
  const key = third.slice("f:".length);
  return isHelmsOwn(key) || isOriginalMark(live, key);
}
