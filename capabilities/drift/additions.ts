import { isDeepStrictEqual } from "node:util";
import {
  contains,
  depthIn,
  find,
  leavesOf,
  membersOf,
  ownersOf,
  type FieldPath,
  type Found,
} from "../kube/managed-fields";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { isApplyOf, isForeign } from "./owners";
import { isOriginalMark } from "./rancher-marks";

/** A field that the live object has and the desired object lacks, and that somebody other than Helm or the cluster itself added. */
export interface Addition extends Found {
  readonly path: FieldPath;
}

/** Fields, with their values, that were found to be the server's own: after a removal they came back. */
export type KnownAdditions = ReadonlyMap<string, Json>;

/** Labels and annotations that only Helm may set: a foreign resource-policy, for example, changes what Helm deletes. */
const HELMS_OWN = /^f:(meta\.)?helm\.sh\//;

/**
 * Finds what was added by hand. Only the field managers in managedFields distinguish an addition from a default: nobody
 * but Helm owns a default. Status and what a controller of the object owns do not count. Nor does metadata, except what
 * only Helm may set, and the marks of the original Helm Locker.
 *
 * @param desired with all tolerated values already adopted from the live object
 * @param manager the field manager that Helm writes as
 */
export function additions(desired: KubeObject, live: KubeObject, manager: string): Addition[] {
  const owners = ownersOf(live);
  const foreign = owners.filter(owner => isForeign(owner, owners, manager));
  const theirs = foreign.flatMap(({ fields }) => leavesOf(fields));
  // Helm's apply entry keeps nothing: fields in it that the desired object lacks are left from a takeover.
  const others = owners
    .filter(owner => !foreign.includes(owner) && !isApplyOf(owner, manager))
    .flatMap(({ fields }) => leavesOf(fields));
  const kept = [...others, ...theirs.filter(leaf => isTolerated(desired, leaf))];
  const found = new Map<string, Addition>();
  for (const leaf of theirs) {
    const path = isCounted(live, leaf) ? additionAt(desired, leaf, kept) : undefined;
    const there = path && find(live, path);
    if (there) found.set(there.pointer, { ...there, path });
  }
  return [...found.values()];
}

/**
 * Finds fields that Helm's own apply entry holds and the desired object lacks: an unfinished takeover left them.
 *
 * @param manager the field manager that Helm writes as
 */
export function leftovers(desired: KubeObject, live: KubeObject, manager: string): Addition[] {
  const own = ownersOf(live).filter(owner => isApplyOf(owner, manager));
  return own
    .flatMap(({ fields }) => leavesOf(fields))
    .filter(leaf => isCounted(live, leaf) && depthIn(desired, leaf) < leaf.length)
    .flatMap(path => {
      const there = find(live, path);
      return there ? [{ ...there, path }] : [];
    });
}

/**
 * Finds desired fields that others also own, and would still own after a forced apply, because an apply takes only
 * fields that it changes. `kubectl apply --server-side` leaves such fields. The next Helm 4 upgrade that changes one
 * would fail with a conflict.
 *
 * @param manager the field manager that Helm writes as
 */
export function shared(desired: KubeObject, live: KubeObject, manager: string): Addition[] {
  const owners = ownersOf(live);
  return owners
    .filter(owner => isForeign(owner, owners, manager))
    .flatMap(({ fields }) => membersOf(fields))
    .filter(path => path[0] !== "f:metadata" || path[1] === "f:labels" || path[1] === "f:annotations")
    .flatMap(path => {
      const isHolder = path.at(-1) === ".";
      const place = isHolder ? path.slice(0, -1) : path;
      const wanted = find(desired, place);
      const there = find(live, place);
      if (!wanted || !there) return [];
      return isHolder || isDeepStrictEqual(wanted.value, there.value) ? [{ ...there, path }] : [];
    });
}

/**
 * Finds atomic maps that somebody has added keys to. managedFields lists such a map only as a whole, so only a
 * comparison of keys reveals them; an apply also replaces the map as a whole.
 *
 * @returns JSON pointer -> the live value
 */
export function overgrown(desired: KubeObject, live: KubeObject, manager: string): Map<string, Json> {
  const owners = ownersOf(live);
  const leaves = owners
    .filter(owner => isForeign(owner, owners, manager))
    .flatMap(({ fields }) => leavesOf(fields));
  const found = new Map<string, Json>();
  for (const leaf of leaves.filter(path => isCounted(live, path))) {
    const wanted = find(desired, leaf);
    const actual = find(live, leaf);
    if (!wanted || !actual || !isObject(wanted.value) || !isObject(actual.value)) continue;
    const keys = wanted.value;
    if (Object.keys(actual.value).some(key => !Object.hasOwn(keys, key)))
      found.set(wanted.pointer, actual.value);
  }
  return found;
}

/**
 * Finds lists that would lack items without their additions. In such a list, the key of an item was changed, for
 * example the protocol of a port, which the desired object may leave to its default.
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

/** The additions that are not among the known ones, or have another value. */
export function unknownOf(found: readonly Addition[], known: KnownAdditions = new Map()): Addition[] {
  return found.filter(
    ({ pointer, value }) => !known.has(pointer) || !isDeepStrictEqual(known.get(pointer), value),
  );
}

/** The outermost place that can be removed to remove a leaf: it contains nothing desired and nothing that is kept. */
function additionAt(desired: JsonObject, leaf: FieldPath, kept: readonly FieldPath[]): FieldPath | undefined {
  return undesired(desired, leaf).find(path => !kept.some(other => contains(path, other)));
}

/** The places on the path to a leaf, including the leaf, that the desired object lacks. */
function undesired(desired: JsonObject, leaf: FieldPath): FieldPath[] {
  const depth = depthIn(desired, leaf);
  return leaf.slice(depth).map((_, index) => leaf.slice(0, depth + index + 1));
}

function isCounted(live: KubeObject, path: FieldPath): boolean {
  const [first, second, third = ""] = path;
  if (first === "f:status" || first === "f:apiVersion" || first === "f:kind") return false;
  if (first !== "f:metadata") return true;
  if (second !== "f:annotations" && second !== "f:labels") return false;
  return HELMS_OWN.test(third) || isOriginalMark(live, third.slice("f:".length));
}

/** Additions that running charts depend on. */
const TOLERATED: readonly RegExp[] = [
  // A manifest without data leaves the data to a program.
  /^f:(data|binaryData|stringData)$/,
  // Token controllers and cloud providers add them to ServiceAccounts.
  /^f:(secrets|imagePullSecrets)$/,
  // cert-manager and others inject it.
  /(^| )f:caBundle$/,
  // kubectl rollout restart.
  /^f:spec f:template f:metadata f:annotations f:kubectl\.kubernetes\.io\/restartedAt$/,
  // If the manifest has no replicas, anybody may scale.
  /^f:spec f:replicas$/,
];

function isTolerated(desired: JsonObject, leaf: FieldPath): boolean {
  const texts = undesired(desired, leaf).map(path => path.join(" "));
  return texts.some(text => TOLERATED.some(pattern => pattern.test(text)));
}
