import { isDeepStrictEqual } from "node:util";
import { escapePointer } from "../kube/managed-fields";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";

/** Where an object is not as desired: JSON pointer into the desired object -> the live value, undefined if absent. */
export type Differences = ReadonlyMap<string, Json | undefined>;

/**
 * Compares the desired with the live object. Fields that only the live object has do not count here.
 *
 * @returns the places that differ; empty if the live object holds everything desired
 */
export function differences(desired: KubeObject, live: KubeObject): Differences {
  const found = new Map<string, Json | undefined>();
  compareMaps(desired, live, "", found);
  return found;
}

/** The differences that are not among the known ones, or have another live value. */
export function unexplained(found: Differences, known: Differences | undefined): Differences {
  if (known === undefined) return found;
  return new Map(
    [...found].filter(([path, value]) => !known.has(path) || !isDeepStrictEqual(known.get(path), value)),
  );
}

/** What changes with every write, and what users do not set. Source: ObjectMeta in the Kubernetes API reference. */
const BOOKKEEPING = new Set(["resourceVersion", "generation", "managedFields"]);

/** Whether two states of one object are the same to a user, without status and the API server's bookkeeping. */
export function sameContent(one: KubeObject, other: KubeObject): boolean {
  return isDeepStrictEqual(content(one), content(other));
}

/** An object without status and without the API server's bookkeeping. */
export function content(object: KubeObject): JsonObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !BOOKKEEPING.has(key)),
  );
  return { ...object, metadata, status: null };
}

function compareMaps(
  desired: JsonObject,
  live: JsonObject,
  path: string,
  found: Map<string, Json | undefined>,
): void {
  for (const [key, wanted] of Object.entries(desired)) {
    const actual = Object.hasOwn(live, key) ? live[key] : undefined;
    compare(wanted, actual, `${path}/${escapePointer(key)}`, found);
  }
}

function compare(
  wanted: Json,
  actual: Json | undefined,
  path: string,
  found: Map<string, Json | undefined>,
): void {
  if (isObject(wanted) && isObject(actual)) compareMaps(wanted, actual, path, found);
  else if (Array.isArray(wanted) && Array.isArray(actual)) compareLists(wanted, actual, path, found);
  else if (!isDeepStrictEqual(wanted, actual)) found.set(path, actual);
}

/**
 * Compares lists of named items item by item, by name. If the names or their order differ, the list itself differs.
 * Compares other lists by position, and as a whole if their lengths differ.
 */
function compareLists(
  wanted: Json[],
  actual: Json[],
  path: string,
  found: Map<string, Json | undefined>,
): void {
  const names = namesOf(wanted);
  const liveNames = namesOf(actual);
  if (SETS.has(path)) {
    if (!wanted.every(item => actual.some(other => isDeepStrictEqual(item, other)))) found.set(path, actual);
  } else if (!names || !liveNames) compareByPosition(wanted, actual, path, found);
  else {
    if (!isDeepStrictEqual(names, liveNames)) found.set(path, liveNames);
    wanted.forEach((item, index) => {
      const position = liveNames.indexOf(names[index] ?? "");
      if (position >= 0) compare(item, actual[position], `${path}/${index}`, found);
    });
  }
}

/** Lists that others extend: only a missing desired item is a difference. */
const SETS = new Set(["/metadata/finalizers", "/metadata/ownerReferences"]);

function compareByPosition(
  wanted: Json[],
  actual: Json[],
  path: string,
  found: Map<string, Json | undefined>,
): void {
  if (wanted.length !== actual.length) found.set(path, actual);
  else
    wanted.forEach((item, index) => {
      compare(item, actual[index], `${path}/${index}`, found);
    });
}

/** The names of items, in order; undefined if an item has no name or two items share one. */
function namesOf(items: Json[]): string[] | undefined {
  const names = items.map(item => (isObject(item) && typeof item.name === "string" ? item.name : ""));
  return names.length > 0 && !names.includes("") && new Set(names).size === names.length ? names : undefined;
}
