import { allocatedIn } from "../../capabilities/drift/allocated";
import { isAsMade } from "../../capabilities/drift/as-made";
import { authorsOf } from "../../capabilities/drift/blame";
import { differences } from "../../capabilities/drift/differences";
import { driftedIn } from "../../capabilities/drift/drifted";
import { comparedAt } from "../../capabilities/drift/field-values";
import { nameOf, namesOf } from "../../capabilities/drift/items";
import { isWrite, type Operation } from "../../capabilities/drift/operation";
import { at } from "../../capabilities/drift/put";
import { isWithin } from "../../capabilities/kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../../capabilities/kube/object";
import { byName } from "../../capabilities/kube/path";
import { formatPath, parsePointer } from "../../capabilities/kube/path-text";
import type { Look } from "../../capabilities/lock/look";
import type { Finding } from "./finding";

/** One place where an object is not as its release wants it. */
export interface Difference {
  /** In the notation of spec.driftDetection.ignore; empty for the whole object. */
  readonly field: string;
  /** What is wrong with the whole object, if it is that. */
  readonly whole: "deleted" | "being deleted" | "changed" | "not Helm's" | "another release's" | undefined;
  /** What the chart says; undefined: nothing. */
  readonly chart: Json | undefined;
  /** What is there; undefined: nothing. */
  readonly live: Json | undefined;
  /** Field managers that have written there. */
  readonly by: readonly string[];
  /** When the last of them has last written to the object, as metav1.Time; undefined if nobody knows. */
  readonly since: string | undefined;
  /** False where only the server could tell whether it differs, and was not asked. */
  readonly isSure: boolean;
}

/** Where an object differs, in the order of its fields; nothing if it is right. */
export function differencesOf({ look, operation, anew }: Finding): Difference[] {
  const { observed } = look.tracked;
  if (observed.as === "live" && operation.do !== "wait")
    return placesOf(look, operation, { live: observed.object, anew });
  const isOff = driftedIn(operation, { ...look, live: undefined }) !== undefined;
  return isOff ? [wholeOf(operation.do === "wait" ? "being deleted" : "deleted")] : [];
}

function placesOf(
  look: Look,
  operation: Operation,
  { live, anew }: { live: KubeObject; anew: KubeObject | undefined },
): Difference[] {
  const whose = whoseIs(operation);
  if (whose) return [wholeOf(whose)];
  const isProbe = operation.do === "probe";
  const found = isProbe
    ? unsurePlaces(operation)
    : driftedIn(operation, { ...look, withheld: [], live })?.fields;
  const refused = isProbe ? [] : refusedIn(look, live);
  const seen = { desired: look.tracked.desired, live, manager: look.manager };
  if (found?.length === 0 && refused.length === 0) return [{ ...placeIn(seen, "", false), whole: "changed" }];
  const added = addedBy(operation);
  // What is allocated, the server keeps as somebody has changed it.
  const allocated = new Set(allocatedIn(seen.desired, live).map(({ pointer }) => pointer));
  const isMade = (pointer: string) =>
    anew !== undefined && !allocated.has(pointer) && isAsMade(live, anew, pointer);
  const differing = [...(found ?? []), ...refused].filter(pointer => !added.has(pointer) || !isMade(pointer));
  const places = differing.flatMap(pointer =>
    itemsOf(placeIn(seen, pointer, added.has(pointer)), isInside(pointer, added)),
  );
  return outermost(places).map(place => (isProbe ? { ...place, isSure: place.by.length > 0 } : place));
}

/** Where an object differs and the server refuses to put it right. What is withheld is a list as a whole. */
function refusedIn({ withheld, tracked: { desired } }: Look, live: KubeObject): string[] {
  const differing = withheld.length === 0 ? [] : [...differences(desired, live).keys()];
  return withheld.flatMap(place => {
    const inside = differing.filter(pointer => isWithin(pointer, place));
    return inside.length > 0 ? inside : [place];
  });
}

/** Whose an object is that is not this release's. */
function whoseIs(operation: Operation): Difference["whole"] {
  const because = operation.do === "none" ? operation.because?.is : undefined;
  if (because === "tracked by another") return "another release's";
  return because === "unmarked" || because === "unnamed" || because === "named by another"
    ? "not Helm's"
    : undefined;
}

/** Each difference once: what is inside of something that is shown as a whole is not shown; a list of named items is shown for its order. */
function outermost(places: readonly Difference[]): Difference[] {
  const shown = places.filter(place => !isSpelledOut(place, places));
  const whole = shown.filter(({ chart, live }) => !namesIn(chart) || !namesIn(live));
  return shown.filter(place => !whole.some(other => isInsideOf(place, other)));
}

/** Whether places inside of a map say all that differs in it: it has no key that the chart does not say. */
function isSpelledOut(place: Difference, places: readonly Difference[]): boolean {
  const { chart, live } = place;
  if (!isObject(chart) || !isObject(live)) return false;
  const hasMore = Object.keys(live).some(key => !Object.hasOwn(chart, key));
  return !hasMore && places.some(other => isInsideOf(other, place));
}

function isInsideOf({ field }: Difference, other: Difference): boolean {
  return field !== other.field && isWithin(field, other.field);
}

function namesIn(list: Json | undefined): string[] | undefined {
  return Array.isArray(list) ? namesOf(list) : undefined;
}

function isInside(pointer: string, added: ReadonlySet<string>): boolean {
  return [...added].some(place => place !== pointer && isWithin(place, pointer));
}

/** Of a list of named items, those that are missing: what was added to it is named by itself. */
function itemsOf(place: Difference, hasAdded: boolean): Difference[] {
  const { chart, live: actual, field } = place;
  const [names, liveNames] = [namesIn(chart), namesIn(actual)];
  if (!Array.isArray(chart) || !names || !liveNames) return [place];
  const missing = chart.filter((_, index) => !liveNames.includes(names[index] ?? ""));
  if (missing.length === 0) return hasAdded ? [] : [place];
  return missing.map(item => ({
    ...place,
    field: `${field}${formatPath([{ is: "item", key: "name", value: nameOf(item) }])}`,
    chart: item,
    live: undefined,
  }));
}

/** What differs in the wording of the manifest: the server may have written it so. */
function unsurePlaces({ live, payload, doubts }: Extract<Operation, { do: "probe" }>): string[] {
  const worded = payload ? [...differences(payload, live).keys()] : [];
  return worded.length > 0 ? worded : doubts.map(({ pointer }) => pointer);
}

/** What was added, by pointers into the live object; what was changed is named by pointers into the manifest. */
function addedBy(operation: Operation): ReadonlySet<string> {
  const removed = isWrite(operation) && "removed" in operation ? operation.removed : [];
  return new Set(removed.map(({ pointer }) => pointer));
}

interface Seen {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly manager: string;
}

function placeIn({ desired, live, manager }: Seen, pointer: string, isAdded: boolean): Difference {
  const values = isAdded
    ? { desired: undefined, live: at(live, pointer) }
    : comparedAt(desired, live, pointer);
  const authors = authorsOf(live, [pointer], manager);
  return {
    field: fieldOf(pointer, isAdded || values.desired === undefined ? live : desired),
    whole: undefined,
    chart: values.desired,
    live: values.live,
    by: authors.map(author => author.manager),
    since: authors
      .flatMap(author => author.at ?? [])
      .sort()
      .at(-1),
    isSure: true,
  };
}

/** A JSON pointer with the names of list items in place of their positions. */
export function fieldOf(pointer: string, object: KubeObject): string {
  return formatPath(byName(parsePointer(pointer), object));
}

function wholeOf(whole: Difference["whole"]): Difference {
  return { field: "", whole, chart: undefined, live: undefined, by: [], since: undefined, isSure: true };
}
