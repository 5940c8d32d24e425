import type { Drifted } from "../drift/drifted";
import type { KubeObject } from "../kube/object";
import { releaseKey } from "../release/release";
import type { Lock } from "../state/lock";
import type { Reverted } from "../state/news";
import type { Mode } from "../state/standing";
import type { EventReason } from "./events";
import { modeWords } from "./mode-words";
import { few, nameOf } from "./words";

/** How many writers are named. */
const MOST_NAMES = 5;

/** What happened to an object, by operation. */
const OUTCOMES: Record<Reverted["operation"], string> = {
  create: "was deleted and is back",
  apply: "was changed and is restored",
  remove: "was added to and is restored",
};

/** What an Event says of a revert. */
export function revertedWords({ tracked, operation, fields, by }: Reverted): string {
  const whom = by.length > 0 ? ` (changed by ${by.join(", ")})` : "";
  const where = fields.length > 0 ? `: ${few(fields)}` : "";
  return `${nameOf(tracked.desired)} ${OUTCOMES[operation]}${whom}${where}`;
}

/** What differs of an object, by what would put it right. */
const DIFFERENCES: Record<Drifted["operation"], string> = {
  create: "is missing",
  apply: "differs",
  remove: "was added to",
};

/** What an Event or a condition says of an object that differs. */
export function driftedWords(object: KubeObject, { operation, fields, by }: Drifted): string {
  const whom = by.length > 0 ? ` (changed by ${few(by, MOST_NAMES)})` : "";
  const where = fields.length > 0 ? `: ${few(fields)}` : "";
  return `${nameOf(object)} ${DIFFERENCES[operation]}${whom}${where}`;
}

/** The Event of a mode that was chosen. */
export function modeEvent(lock: Lock, mode: Mode): [EventReason, string] | undefined {
  if (mode === "enabled")
    return lock.phase?.stance === "lock" ? stanceEvent(lock, "lock", undefined) : undefined;
  const { reason, message } = modeWords(mode, lock);
  return [reason, message];
}

/** Events for changes of stance, with the original's reasons. */
export function stanceEvent(
  lock: Lock,
  stance: string,
  before: string | undefined,
): [EventReason, string] | undefined {
  const release = releaseKey(lock.release);
  if (stance === "lock")
    return [
      "Locked",
      `Locked ${lock.objects.size} objects of release ${release} at revision ${lock.record?.revision ?? 0}`,
    ];
  if (stance === "stand down")
    return [
      "Transitioning",
      `Unlocked release ${release} to allow changes while Helm operation is being executed`,
    ];
  return before === undefined ? undefined : ["Untracked", `Objects of release ${release} are not tracked`];
}
