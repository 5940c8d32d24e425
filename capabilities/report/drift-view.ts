import type { HelmReleaseStatus } from "../../crds/helm-release";
import { toSeconds } from "../kube/time";
import { recordable } from "../policy/policy";
import type { Lock, Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { isLookedThrough } from "../state/shown";
import { looksForDrift, modeOf } from "../state/standing";
import type { Verdict } from "./conditions";
import { driftedWords } from "./event-words";
import { bytesOf, cutToBytes } from "./fit";
import { problemWords } from "./problem-words";
import { few, nameOf } from "./words";

/** What a status says of an object that differs. */
type DriftEntry = NonNullable<HelmReleaseStatus["drift"]>[number];

type Counts = NonNullable<HelmReleaseStatus["objects"]>;

/** What a status says of what differs and stands. */
export interface DriftView {
  /** Without those that are left to others until each was looked at. */
  readonly objects: Counts;
  readonly entries: readonly DriftEntry[];
  /** Undefined where drift is not looked for. */
  readonly verdict: Verdict<"Drifted"> | undefined;
}

/** How many objects are named, and how many fields and writers of each. */
const MOST_OBJECTS = 20;
const MOST_FIELDS = 10;
const MOST_WRITERS = 5;

/** How many bytes all entries may take, and the texts in them. */
const MOST_BYTES = 25_000;
const LONG = 400;
const SHORT = 200;

/** What a status counts where nothing is tracked. */
export const NO_OBJECTS: Counts = { tracked: 0, drifted: 0, ignored: 0, blocked: 0 };

/** What stands against nothing. */
export const NO_DRIFT: DriftView = { objects: NO_OBJECTS, entries: [], verdict: undefined };

/** What differs of a lock's objects and stands; undefined until each of them was looked at. */
export function driftViewOf(lock: Lock): DriftView | undefined {
  const all = [...lock.objects.values()];
  const isAllKnown = isLookedThrough(lock);
  const ignored = isAllKnown ? all.filter(({ ignored = 0 }) => ignored > 0).length : undefined;
  const objects = { ...NO_OBJECTS, tracked: all.length, ignored };
  if (lock.phase?.stance !== "lock" || !looksForDrift(modeOf(lock))) return { ...NO_DRIFT, objects };
  if (!isAllKnown) return undefined;
  const blocked = all.filter(tracked => problemWords(tracked.problem, tracked) !== undefined).length;
  const drifted = all.flatMap(tracked => (tracked.drift ? [{ tracked, drift: tracked.drift }] : []));
  return {
    objects: { ...objects, drifted: drifted.length, blocked },
    entries: bounded(drifted.slice(0, MOST_OBJECTS).map(entryOf)),
    verdict: verdictOf(drifted),
  };
}

/** The same for a status, where what it has said before still holds. */
export function driftStatusOf(
  view: DriftView | undefined,
  before: HelmReleaseStatus | undefined,
): Pick<HelmReleaseStatus, "objects" | "drift"> {
  const known = before?.drift ?? [];
  const counted = before?.objects ?? NO_OBJECTS;
  if (!view) return { objects: counted, drift: known };
  return {
    objects: { ...view.objects, ignored: view.objects.ignored ?? counted.ignored },
    drift: view.entries.map(entry => since(entry, known)),
  };
}

/** The same drift is as old as it was, also after a restart. */
function since(entry: DriftEntry, known: readonly DriftEntry[]): DriftEntry {
  const same = known.find(
    ({ object, fields }) => object === entry.object && fields?.join() === entry.fields?.join(),
  );
  return { ...entry, since: same?.since ?? entry.since };
}

interface Standing {
  readonly tracked: Tracked;
  readonly drift: StandingDrift;
}

function entryOf({ tracked, drift }: Standing): DriftEntry {
  const { desired, problem, lock } = tracked;
  const why = problemWords(problem, tracked) ?? (modeOf(lock) === "warn" ? WARNED : OPEN);
  return {
    object: cutToBytes(nameOf(desired), LONG),
    fields: short(recordable(drift.fields, lock.policy), MOST_FIELDS),
    by: short(drift.by, MOST_WRITERS),
    since: toSeconds(drift.since),
    why: cutToBytes(why, LONG),
  };
}

const WARNED = "spec.driftDetection.mode is warn: nothing is reverted";
const OPEN = "it is about to be put right";

function short(texts: readonly string[], most: number): string[] {
  return texts.slice(0, most).map(text => cutToBytes(text, SHORT));
}

function wordsOf({ tracked: { desired, lock }, drift }: Standing): string {
  return driftedWords(desired, { ...drift, fields: recordable(drift.fields, lock.policy) });
}

/** As many of the first ones as there is room for. */
function bounded(entries: readonly DriftEntry[]): DriftEntry[] {
  let bytes = 0;
  return entries.filter(entry => (bytes += bytesOf(entry) + 1) <= MOST_BYTES);
}

function verdictOf(drifted: readonly Standing[]): DriftView["verdict"] {
  if (drifted.length === 0)
    return {
      is: false,
      reason: "NoDriftDetected",
      message: "No object differs from what its release wants.",
    };
  const message = few(drifted.map(wordsOf));
  return { is: true, reason: "DriftDetected", message };
}
