import { isDeepStrictEqual } from "node:util";
import type { Status } from "../../../hack/locker/helm-release";
import type { Model } from "./model";

/** The state of a HelmRelease, by the state in which helm has left its release; the reason of its conditions is the same, but for `deployed`. */
const STATES = { deployed: "Deployed", failed: "Failed", absent: "SecretNotFound" };

/** Whether a HelmRelease says that the locker has seen helm's last operation, and what it is asked for. */
export function isUpToDate(model: Model, { state, version, mode }: Status): boolean {
  return state === STATES[model.state] && version === model.revision && mode === model.mode;
}

/** Whether a HelmRelease says all that it has to say once everything is at rest, and nothing else. */
export function isRightlySaid(model: Model, status: Status): boolean {
  const conditions = status.conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]);
  return isUpToDate(model, status) && isDeepStrictEqual(Object.fromEntries(conditions), conditionsOf(model));
}

/** Status and reason, by the condition's type. */
function conditionsOf({ state, mode }: Model): Record<string, string> {
  if (mode === "suspended") return { ...idle("Suspended"), Suspended: "True Suspended" };
  if (mode === "disabled") return idle("Disabled");
  const said = state === "deployed" ? "True Locked" : `False ${STATES[state]}`;
  return { Ready: said, Locked: said };
}

/** A lock that does nothing does what its spec says. */
function idle(reason: string): Record<string, string> {
  return { Ready: `True ${reason}`, Locked: `False ${reason}` };
}
