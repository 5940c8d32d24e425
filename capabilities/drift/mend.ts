import { isDeepStrictEqual } from "node:util";
import { escapePointer, type Found } from "../kube/managed-fields";
import {
  isObject,
  own,
  type Json,
  type JsonObject,
  type KubeObject,
  type PatchOperation,
} from "../kube/object";
import { setsOf } from "./differences";
import { areSameItems, nameOf, namesOf } from "./items";
import { samenessIn, type Same } from "./same";

/** How far a repair goes. */
export interface Extent {
  /** JSON pointers, into the live object, of what has to go. */
  readonly gone: readonly string[];
  /** JSON pointers of what has to be null again. */
  readonly emptied: readonly string[];
  /** Whether a map in which something differs is written anew as a whole: what is left beside it made the repair impossible. */
  readonly isWhole: boolean;
}

/**
 * A JSON patch that brings an object back field by field, for objects that the server takes no apply of.
 *
 * @param live the object as it was observed; the patch is refused if it has changed since
 */
export function mend(desired: KubeObject, live: KubeObject, extent: Extent): PatchOperation[] {
  const mending = { ...extent, sets: setsOf(desired), isSame: samenessIn(desired) };
  return [...unchanged(live), ...inMap(desired, live, "", mending)];
}

/** Refuses a JSON patch where an object has changed since. */
export function unchanged({ metadata: { resourceVersion } }: KubeObject): PatchOperation[] {
  return [{ op: "test", path: "/metadata/resourceVersion", value: resourceVersion ?? null }];
}

interface Mending extends Extent {
  readonly sets: ReadonlySet<string>;
  readonly isSame: Same;
}

function inMap(desired: JsonObject, live: JsonObject, at: string, mending: Mending): PatchOperation[] {
  const fields = Object.entries(desired).flatMap(([key, wanted]) =>
    field(wanted, own(live, key), `${at}/${escapePointer(key)}`, mending),
  );
  // What goes is taken away from the back, so that no removal moves list items that are still to be removed.
  const inside = mending.gone
    .filter(pointer => parentOf(pointer) === at)
    .sort(byPosition)
    .reverse();
  const changes = [...fields, ...inside.map(path => ({ op: "remove" as const, path }))];
  const isOwnField = changes.some(({ path }) => parentOf(path) === at);
  // A map right below the top, as spec, holds too much that is not the chart's.
  return mending.isWhole && isOwnField && at.split("/").length > 2
    ? [{ op: "replace", path: at, value: desired }]
    : changes;
}

function field(wanted: Json, actual: Json | undefined, at: string, mending: Mending): PatchOperation[] {
  if (wanted === null) return actual === undefined ? [] : toNull(actual, at, mending);
  if (isObject(wanted) && isObject(actual)) return inMap(wanted, actual, at, mending);
  if (Array.isArray(wanted) && Array.isArray(actual)) return inList(wanted, actual, at, mending);
  if (mending.isSame(wanted, actual, at)) return [];
  return [{ op: actual === undefined ? "add" : "replace", path: at, value: wanted }];
}

/** Null says nothing, so that all of it stays but what has to go. */
function toNull(actual: Json, at: string, mending: Mending): PatchOperation[] {
  if (mending.emptied.includes(at)) return [{ op: "replace", path: at, value: null }];
  return isObject(actual) ? inMap({}, actual, at, mending) : [];
}

/**
 * Lists of the same items are mended item by item, others are written anew; so are those of items without names where a map is: a server
 * that tells them apart by what is in them would take one for another.
 */
function inList(
  wanted: readonly Json[],
  actual: readonly Json[],
  at: string,
  mending: Mending,
): PatchOperation[] {
  if (mending.sets.has(at)) return added(wanted, actual, at, mending.isWhole);
  if (!areSameItems(wanted, actual)) return [{ op: "replace", path: at, value: [...wanted] }];
  const changes = wanted.flatMap((item, index) => field(item, actual[index], `${at}/${index}`, mending));
  const isAnew = mending.isWhole && changes.length > 0 && wanted.some(isObject) && !namesOf(wanted);
  return isAnew ? [{ op: "replace", path: at, value: [...wanted] }] : changes;
}

/** Others extend these lists: only what is missing is added. Items without a name keep the server from reading the list. */
function added(
  wanted: readonly Json[],
  actual: readonly Json[],
  at: string,
  isWhole: boolean,
): PatchOperation[] {
  const isWanted = (item: Json) => wanted.some(other => isDeepStrictEqual(item, other));
  const missing = wanted.filter(item => !actual.some(other => isDeepStrictEqual(item, other)));
  // What has no name can't be told from what the server makes of it, and would be added again and again.
  const isNamed = missing.every(item => !isObject(item) || nameOf(item) !== "");
  if (!isWhole && isNamed) return missing.map(value => ({ op: "add", path: `${at}/-`, value }));
  const others = actual.filter(item => !isWanted(item) && (!isObject(item) || nameOf(item) !== ""));
  return [{ op: "replace", path: at, value: [...wanted, ...others] }];
}

/** Items without a name in lists that others extend: they keep the server from reading the list. */
export function nameless({ desired, live }: { desired: KubeObject; live: KubeObject }): Found[] {
  return [...setsOf(desired)].flatMap(list => {
    const items = own(live, list.slice(1));
    if (!Array.isArray(items)) return [];
    return items.flatMap((value, index) =>
      isObject(value) && nameOf(value) === "" ? [{ pointer: `${list}/${index}`, value }] : [],
    );
  });
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}

/** Orders JSON pointers by their steps, positions in lists as numbers. */
export function byPosition(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
