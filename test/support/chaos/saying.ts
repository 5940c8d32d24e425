import { isDeepStrictEqual } from "node:util";
import type { Status } from "../../../hack/locker/helm-release";
import type { Model } from "./model";

/** The state of a HelmRelease, by the state in which helm has left its release; the reason of its conditions is the same, but for `deployed`. */
const STATES = { deployed: "Deployed", failed: "Failed", absent: "SecretNotFound" };

/** Whether a HelmRelease says that the locker has seen helm's last operation, and what it is asked for. */
export function isUpToDate(model: Model, { state, version, mode }: Status): boolean {
  return state === STATES[model.state] && version === model.revision && mode === model.mode;
}

/**
 * Whether a HelmRelease says all that it has to say once everything is at rest, and nothing else.
 *
 * @param drifted how many objects differ from the manifest
 */
export function isRightlySaid(model: Model, drifted: number, status: Status): boolean {
  const said = status.conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]);
  const wanted = conditionsOf(model, drifted);
  const counted = "Drifted" in wanted ? drifted : 0;
  return (
    isUpToDate(model, status) &&
    isDeepStrictEqual(Object.fromEntries(said), wanted) &&
    status.objects?.drifted === counted &&
    status.drift.length === counted
  );
}

/** Status and reason, by the condition's type. */
function conditionsOf({ state, mode }: Model, drifted: number): Record<string, string> {
  if (mode === "suspended") return { ...idle("Suspended"), Suspended: "True Suspended" };
  if (mode === "disabled") return idle("Disabled");
  if (state !== "deployed") return { Ready: `False ${STATES[state]}`, Locked: `False ${STATES[state]}` };
  const own = mode === "warn" ? idle("Warn") : { Ready: "True Locked", Locked: "True Locked" };
  return { ...own, Drifted: drifted > 0 ? "True DriftDetected" : "False NoDriftDetected" };
}

/** A lock that writes nothing does what its spec says. */
function idle(reason: string): Record<string, string> {
  return { Ready: `True ${reason}`, Locked: `False ${reason}` };
}
