import type { Condition, HelmRelease, HelmReleaseStatus } from "../../crds/helm-release";
import { CONDITIONS, MAX_MESSAGE, since, type ConditionType, type Verdict } from "./conditions";
import { driftStatusOf, NO_OBJECTS } from "./drift-view";
import { bytesOf, cutToBytes } from "./fit";
import type { View } from "./view";

/** How many bytes of JSON a status takes at most, and what in it may be long: a HelmRelease is read with every list and watch. */
const MOST_BYTES = 100_000;
const MAX_NOTES = 65_536;
/** Each kind that can't be locked needs its own rule. */
const MAX_READY = 16_000;

/** Types of the conditions that the locker writes. */
const OURS = new Set<unknown>(Object.keys(CONDITIONS));

/**
 * The status to write. Conditions of other types stay; times change only with what they describe.
 *
 * @param now RFC 3339
 */
export function statusOf(helmRelease: HelmRelease, view: View, now: string): HelmReleaseStatus {
  const observedGeneration = helmRelease.metadata.generation ?? 0;
  const { state, mode, version } = view;
  const before = helmRelease.status ?? undefined;
  const status = {
    state,
    mode,
    version,
    description: cutToBytes(view.description, MAX_MESSAGE),
    notes: "",
    ...lastingIn(before, view),
    ...driftStatusOf(view.drift, before),
    observedGeneration,
    conditions: conditionsOf(view, before?.conditions ?? [], { now, observedGeneration }),
  };
  // What a chart has to say is the longest, and the least of a lock.
  return { ...status, notes: cutToBytes(view.notes, Math.min(MAX_NOTES, MOST_BYTES - bytesOf(status))) };
}

function conditionsOf(
  view: View,
  known: readonly Condition[],
  { now, observedGeneration }: { now: string; observedGeneration: number },
): Condition[] {
  const verdicts: [type: ConditionType, verdict: Verdict<ConditionType> | undefined][] = [
    ["Ready", view.ready],
    ["Locked", view.locked],
    ["Drifted", view.drift?.verdict],
    ["Suspended", view.suspended],
    ["Stalled", view.stalled],
    ["FoughtOver", view.foughtOver],
    ["Admission", view.admission],
  ];
  const ours = verdicts.flatMap(([type, verdict]) => {
    // Until all is known, what was said of drift holds.
    if (type === "Drifted" && view.drift === undefined) return known.filter(one => one.type === type);
    if (!verdict) return [];
    const wanted = condition(type, verdict);
    return [{ ...wanted, lastTransitionTime: since(wanted, known, now), observedGeneration }];
  });
  return [...known.filter(({ type }) => !OURS.has(type)), ...ours];
}

/** What a status keeps while nothing newer is known. */
function lastingIn(
  before: HelmReleaseStatus | undefined,
  view: View,
): Pick<HelmReleaseStatus, "ignored" | "foreignOwners" | "history"> {
  const { ignored, foreignOwners, history } = { ...NOTHING, ...before };
  return {
    ignored: view.ignored ?? ignored,
    foreignOwners: view.foreignOwners ?? foreignOwners,
    history: view.history ?? history,
  };
}

/** What a status says that is from before anything was counted. */
export const NOTHING = {
  ignored: 0,
  foreignOwners: 0,
  history: [],
  objects: NO_OBJECTS,
  drift: [],
} satisfies HelmReleaseStatus;

function condition(type: ConditionType, { is, reason, message }: Verdict<ConditionType>): Condition {
  const most = type === "Ready" ? MAX_READY : MAX_MESSAGE;
  return { type, status: is ? "True" : "False", reason, message: cutToBytes(message, most) };
}
