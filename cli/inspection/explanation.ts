import { isDeepStrictEqual } from "node:util";
import { differences } from "../../capabilities/drift/differences";
import { comparedAt } from "../../capabilities/drift/field-values";
import { namesOf } from "../../capabilities/drift/items";
import type { Operation } from "../../capabilities/drift/operation";
import { holdersOf, originOfAddition, originOfField, type Holder } from "../../capabilities/drift/origins";
import { isHelm, writerOf } from "../../capabilities/drift/owners";
import { at } from "../../capabilities/drift/put";
import type { Reason } from "../../capabilities/drift/reasons";
import {
  escapePointer,
  find,
  isWithin,
  leavesOf,
  ownersOf,
  type FieldOwner,
} from "../../capabilities/kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../../capabilities/kube/object";
import { judgingOf } from "../../capabilities/lock/look";
import { differencesOf, fieldOf, type Difference } from "./differences";
import type { Finding } from "./inspector";
import { verdictOf, type Verdict } from "./verdict";

/** A field of an object, and what becomes of it. */
export interface Explained {
  /** In the notation of spec.driftDetection.ignore; empty for the whole object. */
  readonly field: string;
  readonly chart: Json | undefined;
  readonly live: Json | undefined;
  readonly verdict: Verdict;
  /** The field manager that has last written to it, Helm included; undefined if nobody is known to have. */
  readonly writer: string | undefined;
  /** When that has last written to the object. */
  readonly since: string | undefined;
}

/** Every field that the chart has, and every one that others have added, in that order; nothing of an object that is not there. */
export function explained(finding: Finding): Explained[] {
  const { observed, desired } = finding.look.tracked;
  if (observed.as !== "live") return [];
  const drifted = differencesOf(finding);
  const isDrift = (field: string) =>
    drifted.some(({ field: other }) => isWithin(field, other) || isWithin(other, field));
  return [
    ...drifted.map(difference => ofDifference(difference, finding.operation)),
    ...leavesIn(desired)
      .filter(pointer => !isDrift(fieldOf(pointer, desired)))
      .map(pointer => ofChart(finding, observed.object, pointer)),
    ...additionsIn(finding, observed.object).filter(({ field }) => !isDrift(field)),
  ];
}

function ofDifference(
  { field, chart, live, by, since, isSure }: Difference,
  operation: Operation,
): Explained {
  const because = becauseOf(operation);
  const verdict: Verdict = because ? { is: "stays", because } : { is: isSure ? "goes back" : "unsure" };
  return { field, chart, live, verdict, writer: by.at(-1), since };
}

function ofChart(finding: Finding, live: KubeObject, pointer: string): Explained {
  const { desired } = finding.look.tracked;
  const { desired: chart, live: there } = comparedAt(desired, live, pointer);
  return {
    field: fieldOf(pointer, desired),
    chart,
    live: there,
    verdict: verdictOfChart(finding, live, pointer),
    ...lastOf(holdersOf(desired, live, pointer)),
  };
}

function verdictOfChart({ look, operation }: Finding, live: KubeObject, pointer: string): Verdict {
  const { desired } = look.tracked;
  const { left } = judgingOf(look, live);
  const origin = originOfField({ desired, live, left }, pointer);
  if (origin) return { is: "left", origin };
  const standing = verdictOf(becauseOf(operation));
  if (standing) return standing;
  const { desired: chart, live: there } = comparedAt(desired, live, pointer);
  const isSame = isDeepStrictEqual(chart, there) || !isDifferent(desired, live, pointer);
  return { is: isSame ? "locked" : "the server's" };
}

function isDifferent(desired: KubeObject, live: KubeObject, pointer: string): boolean {
  return [...differences(desired, live).keys()].some(
    place => isWithin(pointer, place) || isWithin(place, pointer),
  );
}

/** What others have added, each once, as its last writer has it. */
function additionsIn(finding: Finding, live: KubeObject): Explained[] {
  const { look } = finding;
  const { desired } = look.tracked;
  const holders = ownersOf(live)
    .filter(owner => !isHelm(owner, look.manager))
    .flatMap(owner => leavesOf(owner.fields).map((leaf): Holder => ({ owner, leaf })))
    .filter(({ leaf }) => leaf[0] !== "f:status" && !find(desired, leaf));
  const byPointer = new Map<string, Holder[]>();
  for (const holder of holders) {
    const pointer = find(live, holder.leaf)?.pointer;
    if (pointer !== undefined) byPointer.set(pointer, [...(byPointer.get(pointer) ?? []), holder]);
  }
  return [...byPointer].map(([pointer, theirs]) => ({
    field: fieldOf(pointer, live),
    chart: undefined,
    live: at(live, pointer),
    verdict: verdictOfAddition(finding, live, theirs),
    ...lastOf(theirs),
  }));
}

function verdictOfAddition(
  { look, operation }: Finding,
  live: KubeObject,
  holders: readonly Holder[],
): Verdict {
  const { desired } = look.tracked;
  const { left } = judgingOf(look, live);
  const origin = holders.map(holder => originOfAddition({ desired, live, left }, holder)).find(Boolean);
  if (origin) return { is: "left", origin };
  const standing = verdictOf(becauseOf(operation));
  if (standing) return standing;
  if (holders.every(({ leaf }) => leaf[0] === "f:metadata")) return { is: "metadata" };
  const writers = holders.map(({ owner }) => writerOf(owner, ownersOf(live), look.manager));
  return { is: writers.includes("a hand") ? "the server's" : "a controller's" };
}

/** Why an object is left as it is. */
export function becauseOf(operation: Operation): Reason | undefined {
  return operation.do === "none" ? operation.because : undefined;
}

function lastOf(holders: readonly Holder[]): Pick<Explained, "writer" | "since"> {
  const [last] = holders
    .map(({ owner }) => owner)
    .sort((one, other) => (timeOf(other) ?? "").localeCompare(timeOf(one) ?? ""));
  return { writer: last?.manager, since: last && timeOf(last) };
}

function timeOf({ entry: { time } }: FieldOwner): string | undefined {
  return typeof time === "string" ? time : undefined;
}

/** Places that say which object it is. */
const IDENTITY = new Set(["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"]);

/** The innermost places of a manifest: JSON pointers. Lists of named items have their items' places. */
function leavesIn(value: Json, pointer = ""): string[] {
  const inner = innerOf(value);
  if (inner.length === 0) return IDENTITY.has(pointer) ? [] : [pointer];
  return inner.flatMap(([key, field]) => leavesIn(field, `${pointer}/${escapePointer(key)}`));
}

function innerOf(value: Json): [key: string, field: Json][] {
  if (isObject(value)) return Object.entries(value);
  return Array.isArray(value) && namesOf(value) ? Object.entries(value) : [];
}
