import { isDeepStrictEqual } from "node:util";
import { differences } from "../../capabilities/drift/differences";
import { comparedAt, type Compared } from "../../capabilities/drift/field-values";
import { namesOf } from "../../capabilities/drift/items";
import type { Operation } from "../../capabilities/drift/operation";
import { holdersIn, originOfAddition, originOfField, type Holder } from "../../capabilities/drift/origins";
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
import type { Left } from "../../capabilities/kube/path";
import { Places } from "../../capabilities/kube/places";
import { judgingOf } from "../../capabilities/lock/look";
import { differencesOf, fieldOf, type Difference } from "./differences";
import type { Finding } from "./finding";
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

/** An object that is there, and what is asked about each of its fields: found out once. */
interface Seen {
  readonly finding: Finding;
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly left: readonly Left[];
  readonly holders: Places<Holder>;
  /** Places in the manifest that are not as it says. */
  readonly different: Places<string>;
}

/** Every field that the chart has, and every one that others have added, in that order; nothing of an object that is not there. */
export function explained(finding: Finding): Explained[] {
  const { observed, desired } = finding.look.tracked;
  if (observed.as !== "live") return [];
  const seen = seenOf(finding, observed.object);
  const differing = differencesOf(finding);
  const drifted = new Places(differing.map(({ field }) => [field, field]));
  const isDrift = (field: string) => drifted.near(field).length > 0;
  return [
    ...differing.map(difference => ofDifference(difference, finding)),
    ...leavesIn(desired)
      .filter(pointer => !isDrift(fieldOf(pointer, desired)))
      .map(pointer => ofChart(seen, pointer)),
    ...additionsIn(seen).filter(({ field }) => !isDrift(field)),
  ];
}

function seenOf(finding: Finding, live: KubeObject): Seen {
  const { desired } = finding.look.tracked;
  return {
    finding,
    desired,
    live,
    left: judgingOf(finding.look, live).left,
    holders: holdersIn(desired, live),
    different: new Places([...differences(desired, live).keys()].map(place => [place, place])),
  };
}

function ofDifference(
  { field, chart, live, by, since, isSure }: Difference,
  { look, operation }: Finding,
): Explained {
  const isRefused = look.withheld.some(place => isWithin(field, place));
  const because = isRefused ? WITHHELD : becauseOf(operation);
  const verdict: Verdict = because ? { is: "stays", because } : { is: isSure ? "goes back" : "unsure" };
  return { field, chart, live, verdict, writer: by.at(-1), since };
}

const WITHHELD = { is: "withheld" } as const;

function ofChart(seen: Seen, pointer: string): Explained {
  const { desired, live } = seen;
  const compared = comparedAt(desired, live, pointer);
  const holders = seen.holders.near(pointer);
  return {
    field: fieldOf(pointer, desired),
    chart: compared.desired,
    live: compared.live,
    verdict: verdictOfChart(seen, { pointer, compared, holders }),
    ...lastOf(holders),
  };
}

/** A field of the chart. */
interface Charted {
  readonly pointer: string;
  readonly compared: Compared;
  readonly holders: readonly Holder[];
}

function verdictOfChart(seen: Seen, { pointer, compared, holders }: Charted): Verdict {
  const origin = originOfField(seen, pointer, holders);
  if (origin && origin.is !== "refusal") return { is: "left", origin };
  const standing = verdictOf(becauseOf(seen.finding.operation));
  if (standing) return standing;
  const isSame =
    isDeepStrictEqual(compared.desired, compared.live) || seen.different.near(pointer).length === 0;
  return { is: isSame ? "locked" : "the server's" };
}

/** What others have added, each once, as its last writer has it. */
function additionsIn(seen: Seen): Explained[] {
  const { desired, live, finding } = seen;
  const holders = ownersOf(live)
    .filter(owner => !isHelm(owner, finding.look.manager))
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
    verdict: verdictOfAddition(seen, theirs),
    ...lastOf(theirs),
  }));
}

function verdictOfAddition(seen: Seen, holders: readonly Holder[]): Verdict {
  const { live, finding } = seen;
  const origin = holders.map(holder => originOfAddition(seen, holder)).find(Boolean);
  if (origin && origin.is !== "refusal") return { is: "left", origin };
  const standing = verdictOf(becauseOf(finding.operation));
  if (standing) return standing;
  if (holders.every(({ leaf }) => leaf[0] === "f:metadata")) return { is: "metadata" };
  const writers = holders.map(({ owner }) => writerOf(owner, ownersOf(live), finding.look.manager));
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
