import type { Policy } from "../../capabilities/policy/policy";
import { isSuspendedAt } from "../../capabilities/state/standing";

/** What a lock does otherwise than below, after its name: nothing in mode enabled. */
export function modeWords(policy: Policy): string {
  if (isSuspendedAt(policy, Date.now()))
    return `${modeWords({ ...policy, suspension: undefined })}; it is suspended now, and does so once it is resumed`;
  switch (policy.mode) {
    case "enabled":
      return "";
    case "warn":
      return " in mode warn: it tells of what goes back and of what is created, and writes nothing";
    case "disabled":
      return " in mode disabled: it does nothing, and this is what it would do in mode enabled";
  }
}
