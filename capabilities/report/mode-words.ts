import { toSeconds } from "../kube/time";
import type { Lock } from "../state/lock";
import type { Mode } from "../state/standing";

interface ModeWords {
  readonly reason: "Warn" | "Disabled" | "Suspended";
  readonly message: string;
}

/** The name of a mode in a condition or Event, as one CamelCase word, and what a user should know: what is, and what would change it. */
export function modeWords(mode: Exclude<Mode, "enabled">, { policy }: Lock): ModeWords {
  switch (mode) {
    case "warn":
      return { reason: "Warn", message: "Every change that Helm did not make is told of; none is reverted." };
    case "disabled":
      return { reason: "Disabled", message: "spec.driftDetection.mode is disabled: nothing is watched." };
    case "suspended": {
      const { until, reason = "" } = policy.suspension ?? {};
      const end = until === undefined ? "until spec.suspend is taken away" : `until ${toSeconds(until)}`;
      const why = reason === "" ? "" : ` (${reason})`;
      return { reason: "Suspended", message: `Nothing is looked at or written ${end}${why}.` };
    }
  }
}
