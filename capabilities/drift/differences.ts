import { isDeepStrictEqual } from "node:util";
import { escapePointer } from "../kube/managed-fields";
import { isObject, own, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { namesOf } from "./items";
import { samenessIn, type Same } from "./same";

/** Where an object is not as desired: JSON pointer into the desired object -> the live value, undefined if absent. */
export type Differences = ReadonlyMap<string, Json | undefined>;

/**
 * Compares what is desired with what is live. Fields that only the live object has do not count here, nor those that the desired object
 * has as null: that says nothing of them. Nor does how the API server writes a value.
 *
 * @returns the places that differ; empty if the live object holds everything desired
 */
export function differences(desired: KubeObject, live: KubeObject): Differences {
  const found = new Map<string, Json | undefined>();
  compareMaps(desired, live, "", { found, sets: setsOf(desired), isSame: samenessIn(desired) });
  return found;
}

/** What differs so far, and which lists others extend: of these only what is desired and missing is a difference. */
interface Comparison {
  readonly found: Map<string, Json | undefined>;
  readonly sets: ReadonlySet<string>;
  readonly isSame: Same;
}

const SETS = ["/metadata/finalizers", "/metadata/ownerReferences"];

/** Token controllers and cloud providers extend those of a ServiceAccount. */
const SETS_OF_ACCOUNTS = [...SETS, "/secrets", "/imagePullSecrets"];

/** Lists of an object that others extend, by JSON pointers. */
export function setsOf({ apiVersion, kind }: KubeObject): ReadonlySet<string> {
  return new Set(apiVersion === "v1" && kind === "ServiceAccount" ? SETS_OF_ACCOUNTS : SETS);
}

/** What changes with every write, and what users do not set. Source: ObjectMeta in the Kubernetes API reference. */
const BOOKKEEPING = new Set(["resourceVersion", "generation", "managedFields"]);

/** An object without status and without the API server's bookkeeping. */
export function content(object: KubeObject): JsonObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !BOOKKEEPING.has(key)),
  );
  return { ...object, metadata, status: null };
}

function compareMaps(desired: JsonObject, live: JsonObject, at: string, comparison: Comparison): void {
  for (const [key, wanted] of Object.entries(desired)) {
    const actual = own(live, key);
    if (wanted !== null) compare(wanted, actual, `${at}/${escapePointer(key)}`, comparison);
  }
}

function compare(wanted: Json, actual: Json | undefined, at: string, comparison: Comparison): void {
  if (isObject(wanted) && isObject(actual)) compareMaps(wanted, actual, at, comparison);
  else if (Array.isArray(wanted) && Array.isArray(actual)) compareLists(wanted, actual, at, comparison);
  else if (!comparison.isSame(wanted, actual, at)) comparison.found.set(at, actual);
}

/**
 * Compares lists of named items item by item, by name. If the names or their order differ, the list itself differs.
 * Compares other lists by position, and as a whole if their lengths differ.
 */
function compareLists(wanted: Json[], actual: Json[], at: string, comparison: Comparison): void {
  const names = namesOf(wanted);
  const liveNames = namesOf(actual);
  if (comparison.sets.has(at)) {
    const hasAll = wanted.every(item => actual.some(other => isDeepStrictEqual(item, other)));
    if (!hasAll) comparison.found.set(at, actual);
  } else if (!names || !liveNames) compareByPosition(wanted, actual, at, comparison);
  else {
    if (!isDeepStrictEqual(names, liveNames)) comparison.found.set(at, liveNames);
    wanted.forEach((item, index) => {
      const position = liveNames.indexOf(names[index] ?? "");
      if (position >= 0) compare(item, actual[position], `${at}/${index}`, comparison);
    });
  }
}

function compareByPosition(wanted: Json[], actual: Json[], at: string, comparison: Comparison): void {
  if (wanted.length !== actual.length) comparison.found.set(at, actual);
  else
    wanted.forEach((item, index) => {
      compare(item, actual[index], `${at}/${index}`, comparison);
    });
}
