import type { Condition, HelmRelease, HelmReleaseStatus } from "../../crds/helm-release";
import { CONDITIONS, type ConditionType } from "./conditions";
import { MAX_MESSAGE, type Verdict, type View } from "./view";
import { cut } from "./words";

/** Types of the conditions that the locker writes. */
const OURS = new Set<unknown>(Object.keys(CONDITIONS));

/**
 * The status to write. Conditions of other types stay; times change only with what they describe.
 *
 * @param now RFC 3339
 */
export function statusOf(helmRelease: HelmRelease, view: View, now: string): HelmReleaseStatus {
  const known = helmRelease.status?.conditions ?? [];
  const observedGeneration = helmRelease.metadata.generation ?? 0;
  const wanted = [condition("Ready", view.ready), condition("Locked", view.locked)];
  if (view.suspended) wanted.push(condition("Suspended", view.suspended));
  if (view.stalled) wanted.push(condition("Stalled", view.stalled));
  if (view.foughtOver) wanted.push(condition("FoughtOver", view.foughtOver));
  const ours = wanted.map(wanted => {
    const old = known.find(({ type }) => type === wanted.type);
    const lastTransitionTime = old && old.status === wanted.status ? (old.lastTransitionTime ?? now) : now;
    return { ...wanted, lastTransitionTime, observedGeneration };
  });
  const others = known.filter(({ type }) => !OURS.has(type));
  const { state, mode, version, description, notes } = view;
  return {
    state,
    mode,
    version,
    description,
    notes,
    ...lastingIn(helmRelease, view),
    observedGeneration,
    conditions: [...others, ...ours],
  };
}

/** What a status keeps while nothing newer is known. */
function lastingIn(
  { status }: HelmRelease,
  view: View,
): Pick<HelmReleaseStatus, "ignored" | "foreignOwners" | "history"> {
  const { ignored, foreignOwners, history } = { ...NOTHING, ...status };
  return {
    ignored: view.ignored ?? ignored,
    foreignOwners: view.foreignOwners ?? foreignOwners,
    history: view.history ?? history,
  };
}

/** What a status says that is from before anything was counted. */
export const NOTHING = { ignored: 0, foreignOwners: 0, history: [] } satisfies HelmReleaseStatus;

function condition<T extends ConditionType>(type: T, { is, reason, message }: Verdict<T>): Condition {
  return { type, status: is ? "True" : "False", reason, message: cut(message, MAX_MESSAGE) };
}
